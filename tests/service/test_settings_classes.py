"""The language that all rooms together make."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors, Registry, load_from_text
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.directives import directives_of
from hls_mp4.service.plugins import Plugins
from hls_mp4.service.settings_classes import ALL, settings_classes

EVERYTHING = settings_classes()

PROMISED = """
pid error_log daemon user worker_processes events http include types default_type server listen server_name location
root alias index autoindex access_log log_format sendfile sendfile_max_chunk keepalive_timeout keepalive_requests
max_ranges etag expires add_header limit_rate limit_rate_after allow deny limit_except client_max_body_size mp4
mp4_buffer_size mp4_max_buffer_size mp4_start_key_frame mp4_limit_rate mp4_limit_rate_after mp4_past_end mp4_index_cache
disable_symlinks send_timeout autoindex_exact_size autoindex_localtime worker_connections
"""

SLOTS = Registry(EVERYTHING).slots
NAMES = sorted(name for slot in SLOTS for name in slot.directive.names)
ARGUMENT = st.sampled_from(
    [
        *("on", "off", "auto", "0", "1", "-1", "1k", "5m", "1h", "99999999999999999999", "1.5", "modified", "@1h"),
        *("all", "unix:", "10.0.0.0/8", "::1", "10.0.0.1/33", "$uri", "${uri}", "$", "${", "%", "a=b", "from=/a"),
        *("combined", "stderr", "debug", "GET", "/a/b", "text/plain", "always", "max", "\0", "\n", "\udc80", "\u0661"),
    ]
) | st.text(max_size=6)


def quoted(word: str) -> str:
    """Return a word in quotes."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_every_directive_of_the_first_release_is_there() -> None:
    """What was promised can be written."""
    registry = Registry(EVERYTHING)
    assert [name for name in PROMISED.split() if name not in STRUCTURE and registry.slot(name) is None] == []


def test_modules_add_their_settings() -> None:
    """A delivery module that is installed is part of the language."""
    module = dataclasses.make_dataclass("Added", [])
    assert settings_classes(Plugins((), ())) == ALL

    class Module:
        settings = module

    assert settings_classes(Plugins((), (Module(),))) == (*ALL, module)


@pytest.mark.parametrize("settings_class", EVERYTHING, ids=lambda found: found.__name__)
def test_settings_are_frozen_and_complete(settings_class: type) -> None:
    """Every field is a directive with a default and a line of documentation."""
    instance = settings_class()
    assert set(directives_of(settings_class)) == {field.name for field in dataclasses.fields(settings_class)}
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(instance, next(iter(directives_of(settings_class))), None)
    for directive in directives_of(settings_class).values():
        docs = [kind.doc for kind in directive.arguments.kinds.values()] if not directive.doc else [directive.doc]
        assert all(doc.endswith(".") and "\n" not in doc for doc in docs)


def test_defaults_are_those_of_instances() -> None:
    """A configuration that says nothing is what the code does without one, but for relative paths."""
    config = load_from_text("http { server { } }", EVERYTHING, prefix="/")
    for settings_class in EVERYTHING:
        without_paths = {
            name: getattr(settings_class(), name)
            for name, directive in directives_of(settings_class).items()
            if not (isinstance(directive.default, str) and hasattr(directive.arguments, "paths"))
        }
        loaded = config.servers[0].scope[settings_class]
        assert {name: getattr(loaded, name) for name in without_paths} == without_paths


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(ARGUMENT, max_size=4)), max_size=4))
def test_any_arguments_are_values_or_errors(written: list[tuple[str, list[str]]]) -> None:
    """No room's parser fails on what a person could type."""
    text = "".join(f"{name} {' '.join(map(quoted, args))};\n" for name, args in written)
    for around in ("{}", "events {{ {} }}", "http {{ {} }}", "http {{ server {{ location / {{ {} }} }} }}"):
        try:
            load_from_text(around.format(text), EVERYTHING, prefix="/nowhere")
        except ConfigErrors:
            pass
