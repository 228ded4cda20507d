"""The directives of connections mean what nginx's do."""

import pytest

from hls_mp4.config.loader import load_from_text
from hls_mp4.web.connections import CloseSettings, HeaderBuffers, ReadSettings, parse_buffers
from hls_mp4.web.head import HeadRules


def settings(text: str) -> ReadSettings:
    """Return how heads are read in a server of an http block."""
    config = load_from_text(f"http {{ server {{ {text} }} }}", (ReadSettings, CloseSettings))
    return config.servers[0].scope[ReadSettings]


def test_defaults_are_those_of_nginx() -> None:
    """Without a directive lines may have 8 KB, and a head four of them and a kilobyte."""
    assert settings("").head_rules() == HeadRules(8192, 4 * 8192 + 1024, 1000, True, False)
    assert HeadRules() == ReadSettings().head_rules()


def test_what_heads_may_be() -> None:
    """Each directive has its part in what a head may be."""
    rules = settings(
        "large_client_header_buffers 2 4k; client_header_buffer_size 16k; max_headers 5;"
        "ignore_invalid_headers off; underscores_in_headers on;"
    ).head_rules()
    assert rules == HeadRules(16384, 16384 + 8192, 5, False, True)


def test_header_buffers() -> None:
    """Number and size are both told."""
    assert parse_buffers(["8", "16k"]) == HeaderBuffers(8, 16384)


@pytest.mark.parametrize("args", ["", "4", "4 8k x", "0 8k", "x 8k", "4 x", "4 1", "4 1g"])
def test_wrong_header_buffers(args: str) -> None:
    """What cannot be meant is told where it stands."""
    with pytest.raises(ValueError, match=r"invalid|must be"):
        parse_buffers(args.split())
