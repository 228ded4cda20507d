"""A URI means one path, and never one above the root."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hls_mp4.web.uri import BadTarget, Target, parse_host, parse_target


@pytest.mark.parametrize(
    ("raw", "path", "query"),
    [
        (b"/", "/", b""),
        (b"/a/film.mp4?start=5", "/a/film.mp4", b"start=5"),
        (b"/a?", "/a", b""),
        (b"/a?x?y", "/a", b"x?y"),
        (b"/a%20b.mp4", "/a b.mp4", b""),
        (b"/%D0%BA%D0%B8%D0%BD%D0%BE.mp4", "/кино.mp4", b""),
        (b"/%ff.mp4", "/\udcff.mp4", b""),
        (b"/a%2fb", "/a/b", b""),
        (b"/a%3Fb?c", "/a?b", b"c"),
        (b"/a%2525", "/a%25", b""),
        (b"//a///b//", "/a/b/", b""),
        (b"/a/./b/.", "/a/b/", b""),
        (b"/a/b/../c", "/a/c", b""),
        (b"/a/b/..", "/a/", b""),
        (b"/a/..", "/", b""),
        (b"/a/%2e%2e/b", "/b", b""),
        (b"/.hidden", "/.hidden", b""),
        (b"/a...b/...", "/a...b/...", b""),
        (b"/a#b?c", "/a", b""),
        (b"/a?b#c", "/a", b"b"),
        (b"/a?b#c?d", "/a", b"b"),
        (b"/a#/../..", "/a", b""),
        (b"/a\xd0\xba", "/aк", b""),
        (b"/a%0ab", "/a\nb", b""),
        (b"/a%2f%2e%2e%2fb", "/b", b""),
        (b"/a?x=/../..&%zz", "/a", b"x=/../..&%zz"),
    ],
)
def test_what_a_target_means(raw: bytes, path: str, query: bytes) -> None:
    """Escapes, dots and slashes are read as nginx reads them."""
    assert parse_target(raw) == Target(path, query)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"//a///b//", "//a///b//"),
        (b"//", "//"),
        (b"/a//../b", "/a/b"),
        (b"//..", "/"),
        (b"/.//a", "//a"),
        (b"/a/./b//.", "/a/b//"),
        (b"/a%2f%2fb", "/a//b"),
        (b"/a/../b/..", "/"),
    ],
)
def test_slashes_may_be_kept(raw: bytes, path: str) -> None:
    """With `merge_slashes off` every slash counts, and ".." leaves an empty folder as any other."""
    assert parse_target(raw, merge=False).path == path


@pytest.mark.parametrize("raw", [b"/..//a", b"//../..", b"/a/..//../.."])
def test_kept_slashes_lead_nowhere_above_the_root(raw: bytes) -> None:
    """`merge_slashes off` opens no way out."""
    with pytest.raises(BadTarget):
        parse_target(raw, merge=False)


@pytest.mark.parametrize(
    "raw",
    [b"", b"**", b"*?a", b"a", b"example.org:80", b"ftp://a/b", b"http://", b"http:///a", b"http://user:pw@example.org/",
     b"http://a#b", b"http:/a/b", b"http://a b/", b"http://a:8x/", b"/a\x7f", b"/a\tb", b"/a?b c", b"/%", b"/%4",
     b"/%zz", b"/a%00b", b"/a\0b", b"/..", b"/../etc/passwd", b"/a/../../b", b"/%2e%2e/b", b"/%2e./b",
     b"/a/..%2f..%2fb", b"/..//a"],
)  # fmt: skip
def test_what_is_refused(raw: bytes) -> None:
    """Broken escapes, NULs and paths above the root are the client's mistake."""
    with pytest.raises(BadTarget):
        parse_target(raw)


@pytest.mark.parametrize(
    ("raw", "path", "host"),
    [
        (b"http://example.org/a?b", "/a", "example.org"),
        (b"HTTPS://Example.ORG:8080", "/", "example.org"),
        (b"http://[::1]:80/a/../b", "/b", "[::1]"),
        (b"http://example.org?a", "/", "example.org"),
    ],
)
def test_an_absolute_target_names_its_host(raw: bytes, path: str, host: str) -> None:
    """A proxy's form of a request is understood."""
    target = parse_target(raw)
    assert (target.path, target.host) == (path, host)


def test_the_server_itself() -> None:
    """OPTIONS may ask for what holds for the whole server."""
    assert parse_target(b"*") == Target("*", b"")


pieces = st.sampled_from(
    [b"/", b".", b"..", b"%2e", b"%2f", b"%", b"a", b"%00", b"%c3%a9", b"?", b"#", b"\xff", b"%25"]
)


@given(st.lists(pieces, max_size=12).map(b"".join), st.booleans())
@example(b"/a/%2e%2e/%2e%2e/b", True)
def test_no_target_leaves_the_root(tail: bytes, merge: bool) -> None:
    """Whatever is asked for, the path begins with a slash and has no dot segment; asked for again it stays the same."""
    try:
        path = parse_target(b"/" + tail, merge).path
    except BadTarget:
        return
    assert path.startswith("/")
    assert not {".", ".."} & set(path.split("/"))
    assert not merge or "//" not in path
    assert "\0" not in path
    assert parse_target(quote(path, errors="surrogateescape").encode(), merge).path == path


@given(st.binary(max_size=30))
@example(b"http://\xff/")
@example(b"/" + b"%" * 29)
def test_any_bytes_are_a_target_or_none(raw: bytes) -> None:
    """Whatever a client sends is understood or refused; nothing else comes of it."""
    for parse in (parse_target, parse_host):
        try:
            parse(raw)
        except BadTarget as refusal:
            assert str(refusal)


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        (b"Example.org", "example.org"),
        (b"example.org:8080", "example.org"),
        (b"example.org.", "example.org"),
        (b"example.org:", "example.org"),
        (b"[2001:db8::1]:80", "[2001:db8::1]"),
        (b"127.0.0.1", "127.0.0.1"),
        (b"a_b-c", "a_b-c"),
    ],
)
def test_hosts(raw: bytes, host: str) -> None:
    """Case, port and final dot do not tell servers apart."""
    assert parse_host(raw) == host


@pytest.mark.parametrize("raw", [b"a/b", b"a b", b"a\\b", b"a..b", b".a", b"[::1", b"a:b", b"a:80:80", b"a@b", b"\xe9"])
def test_bad_hosts(raw: bytes) -> None:
    """What is no host is refused, not guessed at."""
    with pytest.raises(BadTarget):
        parse_host(raw)
