# Two commands for newcomers: `make run` and `make test`. Everything goes into $(VENV); the system is left alone.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# The folder to serve; the default one gets a sample film when it is empty.
MEDIA ?= media
# Where to listen; without it the first free port from 127.0.0.1:8080 on.
LISTEN ?=
# More words for pytest: make test TESTS="tests/web -k range"
TESTS ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# The installed twistd does not look into the current folder; compat mode puts the tree where it does look.
TREE := --config-settings editable_mode=compat --editable

.DEFAULT_GOAL := help
.PHONY: help run test players lint format docs docs-check news bench clean

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: $(VENV)/.run ## serve a folder and print links to click: MEDIA=dir LISTEN=address:port
	@exec $(BIN)/python -m hls_mp4.tools.demo --media "$(MEDIA)" $(if $(LISTEN),--listen "$(LISTEN)")

test: $(VENV)/.dev ## run every test: TESTS="tests/web -k range" for some
	@$(BIN)/python -m pytest $(TESTS)

players: $(VENV)/.made ## fetch the players of film pages from npm: HLS and DASH in browsers
	@$(BIN)/python -m hls_mp4.tools.players

lint: $(VENV)/.dev ## look for mistakes, unformatted code and wrong types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev ## write what is made of the declared directives in docs/configuration.md and docs/operations.md
	$(BIN)/python -m hls_mp4.tools.main docs > docs/.configuration.md
	mv docs/.configuration.md docs/configuration.md
	$(BIN)/python -m hls_mp4.tools.main docs --page docs/operations.md > docs/.operations.md
	mv docs/.operations.md docs/operations.md

docs-check: $(VENV)/.dev ## see that the documentation is up to date and its links lead somewhere
	$(BIN)/python -m hls_mp4.tools.main docs | diff -u docs/configuration.md -
	$(BIN)/python -m hls_mp4.tools.main docs --page docs/operations.md | diff -u docs/operations.md -
	@$(BIN)/python -m pytest -q tests/test_docs.py

news: $(VENV)/.dev ## show the news that the next release will have
	$(BIN)/towncrier build --draft --version next

bench: $(VENV)/.bench ## measure side by side with the nginx of this machine
	$(BIN)/python -m benchmarks

clean: ## remove what make has made, films excepted
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis twisted/plugins/dropin.cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# Installing happens once, and again when setup.py changes.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "mp4stream needs Python 3.11 or newer as $(PYTHON); choose one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: setup.py $(VENV)/.made
	@echo "Installing mp4stream into $(VENV) ..."
	@$(PIP) $(TREE) '.[sample]'
	@touch $@

$(VENV)/.dev: setup.py $(VENV)/.made
	@echo "Installing mp4stream and its development tools into $(VENV) ..."
	@$(PIP) $(TREE) '.[sample,test,lint]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: setup.py $(VENV)/.made
	@echo "Installing mp4stream and its benchmark tools into $(VENV) ..."
	@$(PIP) $(TREE) '.[sample,bench]'
	@touch $@
