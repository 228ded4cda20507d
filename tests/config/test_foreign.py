"""Whoever comes from nginx is told of every directive what becomes of it."""

from __future__ import annotations

import pytest
from crossplane.analyzer import DIRECTIVES
from crossplane.lexer import EXTERNAL_LEXERS
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config.foreign import NGINX_NAMES, NOT_INSTALLED, entries, foreign
from hls_mp4.config.registry import Registry
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.service.settings_classes import settings_classes

OURS = Registry(settings_classes())


def is_ours(name: str) -> bool:
    """Tell whether a directive is supported."""
    return OURS.slot(name) is not None or name in STRUCTURE


def test_nothing_is_passed_over() -> None:
    """Every directive of nginx is ours, or has a phrase of its own that says what happens instead."""
    unknown = [
        name
        for name in sorted({*DIRECTIVES, *EXTERNAL_LEXERS, *NGINX_NAMES})
        if not is_ours(name) and foreign(name) in (None, NOT_INSTALLED)
    ]
    assert unknown == []


def test_what_we_have_is_not_called_foreign() -> None:
    """A directive that became ours is taken from the list of those that are not."""
    assert [word for names, _ in entries() for word in names.split() if is_ours(word)] == []


def test_phrases_are_short() -> None:
    """What happens instead is one phrase that fits a line of a terminal, and begins in lower case after a colon."""
    for names, entry in entries():
        assert 10 < len(entry.instead) <= 100, names
        assert not entry.instead.endswith("."), names


@pytest.mark.parametrize(
    "name",
    [
        *("auth_jwt", "auth_pam", "auth_ldap_servers", "valid_referers", "access_by_lua_block", "access_by_lua_file"),
        *("fastcgi_pass", "grpc_pass", "content_by_lua", "perl", "js_content", "ssi", "modsecurity", "ssl"),
    ],
)
def test_what_protects_is_refused(name: str) -> None:
    """Nothing is opened by being ignored."""
    known = foreign(name)
    assert known is not None and known.refused


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("aio", "threads"),
        ("open_file_cache_valid", "opened"),
        ("proxy_cache_path", "cached"),
        ("proxy_buffers", "auth_request"),
        ("proxy_http_version", "1.1"),
        ("ssl_stapling_verify", "stapled"),
        ("types_hash_max_size", "size"),
        ("http2_push", "pushed"),
        ("http2_chunk_size", "bounds"),
        ("image_filter_buffer", "stored"),
        ("worker_rlimit_nofile", "limit"),
        ("geoip2", "variables"),
        ("lua_shared_dict", "Python"),
        ("vod_mode", "program"),
        ("imap_auth", "HTTP"),
    ],
)
def test_the_phrase_is_of_the_directive(name: str, word: str) -> None:
    """The nearest family speaks for a directive."""
    known = foreign(name)
    assert known is not None and not known.refused and word in known.instead


@given(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True))
def test_names_that_nobody_has(name: str) -> None:
    """A slip of the pen is not taken for a directive of nginx because it begins like one."""
    slip = f"proxy_x{name}"
    assert foreign(slip) is None or slip in NGINX_NAMES
    assert foreign("ssl_certificat") is None
    assert foreign("proxy_passs") is None


def test_a_module_that_is_not_there() -> None:
    """A directive of ours whose module could not be loaded is known all the same."""
    assert foreign("mp4") is NOT_INSTALLED
