"""mp4stream docs, and the file that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.tools.main import main

ROOT = Path(__file__).parent.parent.parent


def test_the_committed_documentation_is_that_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    """What a person reads is what the daemon does; `make docs` after a directive has changed."""
    assert main(["docs"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_every_section_has_a_name_of_its_own() -> None:
    """Somebody looks a directive up by what it is about."""
    titles = [(settings.__doc__ or "").partition("\n")[0] for settings in settings_classes()]
    assert all(titles) and len(set(titles)) == len(titles)


def test_the_committed_table_is_that_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever comes from nginx reads what the daemon does; `make docs` after a directive has changed."""
    page = ROOT / "docs" / "operations.md"
    assert main(["docs", "--page", str(page)]) == 0
    assert capsys.readouterr().out == page.read_text(encoding="utf-8")


def test_a_page_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong path, and a page without a place for the table, are said and end with status 1."""
    (tmp_path / "x.md").write_text("nothing")
    for name in ("none.md", "x.md"):
        assert main(["docs", "--page", str(tmp_path / name)]) == 1
        said = capsys.readouterr()
        assert said.out == "" and name in said.err
