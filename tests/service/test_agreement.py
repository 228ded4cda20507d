"""Blocks that share a file or a zone agree on it."""

from __future__ import annotations

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.service.agreement import check_agreement
from hls_mp4.service.settings_classes import settings_classes

ZONE = "limit_req_zone $uri zone=one:1m rate=1r/s;"


def mistakes(http: str, *locations: str) -> list[str]:
    blocks = "\n".join(f"location /{number} {{ {text} }}" for number, text in enumerate(locations))
    config = load_from_text(f"http {{ {http}\nserver {{ {blocks} }} }}", settings_classes(), prefix="/x")
    try:
        check_agreement(config)
    except ConfigErrors as wrong:
        return [str(problem) for problem in wrong.problems]
    return []


def test_one_file_has_one_buffer() -> None:
    """A file that is buffered in two ways would be in neither: the second is an error with the place of the first."""
    assert mistakes(
        "access_log a combined buffer=4k;", "access_log a combined buffer=8k;", "access_log b combined buffer=8k;"
    ) == ['mp4stream.conf:2: access_log "/x/a" already defined with conflicting parameters at mp4stream.conf:1']


@pytest.mark.parametrize("other", ["", "access_log a;", "access_log a combined buffer=4k;", "access_log off;"])
def test_what_agrees(other: str) -> None:
    """The same buffer, or none, may be written elsewhere; an inherited one is no second one."""
    assert mistakes("access_log a combined buffer=4k;", other, "") == []


def test_a_zone_has_one_use() -> None:
    """A zone cannot count requests and connections at the same time."""
    assert mistakes(f"{ZONE}\nlimit_conn_zone $uri zone=one:1m;", "") == [
        'mp4stream.conf:2: the shared memory zone "one" is already declared for a different use'
    ]
    assert mistakes(f"{ZONE}\nlimit_conn_zone $uri zone=two:1m;", "") == []
