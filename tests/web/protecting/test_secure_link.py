"""secure_link: links that only the site can make, with nginx's rules and its documentation's examples."""

from __future__ import annotations

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors
from hls_mp4.web.protecting.secure_link import new_style, old_style, split_link
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.protecting.test_auth_basic import ask

Serve = Callable[..., Served]

# `echo -n '2147483647/s/link127.0.0.1 secret' | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =`
DOCUMENTED = "_e4Nc3iduzkWRm01TBBNYw"

NOW = 1_700_000_000


def token(text: str) -> str:
    """Return what the shell line of nginx's documentation prints."""
    digest = hashlib.md5(text.encode("latin-1")).digest()
    return b64encode(digest).decode().translate(str.maketrans("+/", "-_", "="))


def hexadecimal(text: str) -> str:
    return hashlib.md5(text.encode("latin-1")).hexdigest()


def checked(text: str, hashed: str) -> tuple[str | None, str | None]:
    """Return $secure_link and $secure_link_expires."""
    given_token, expires = split_link(text)
    return (None if given_token is None else new_style(given_token, hashed, expires, NOW)), expires


def test_the_token_of_the_documentation() -> None:
    """The shell line of nginx's documentation makes the token that its text shows."""
    assert token("2147483647/s/link127.0.0.1 secret") == DOCUMENTED
    assert checked(f"{DOCUMENTED},2147483647", "2147483647/s/link127.0.0.1 secret") == ("1", "2147483647")


@pytest.mark.parametrize(
    ("given_link", "outcome"),
    [
        ("{}", ("1", None)),
        ("{}==", ("1", None)),
        ("{},1700000000", ("1", "1700000000")),
        ("{},1699999999", ("0", "1699999999")),
        ("{},", (None, None)),
        ("{},0", (None, None)),
        ("{},-5", (None, None)),
        ("{},1x", (None, None)),
        ("{},99999999999999999999", (None, None)),
        ("{},1700000001,2", (None, None)),
        ("", (None, None)),
        (",1700000001", (None, "1700000001")),
        ("{}AA", (None, None)),
        ("{}=x", ("1", None)),
        ("x{}", (None, None)),
        ("é" * 22, (None, None)),
        ("A" * 70000, (None, None)),
    ],
)
def test_links_of_the_new_style(given_link: str, outcome: tuple[str | None, str | None]) -> None:
    """Empty for a link that is wrong, 0 for one that has expired, 1 for one that is right."""
    assert checked(given_link.format(token("x secret")), "x secret") == outcome


@given(st.binary(min_size=16, max_size=16), st.text(st.characters(max_codepoint=255), max_size=30))
def test_no_other_hash_is_right(digest: bytes, text: str) -> None:
    """A hash of anything else lets nobody in."""
    link, _ = checked(urlsafe_b64encode(digest).decode(), text)
    assert (link == "1") == (digest == hashlib.md5(text.encode("latin-1")).digest())


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_link_is_an_answer(text: str) -> None:
    """Whatever a client writes, the variables have values or none."""
    assert checked(text, "x")[0] is None
    assert old_style(text, "x") is None


def test_links_of_the_old_style() -> None:
    """/prefix/hash/link: the link, when the hash is that of link and word."""
    link = "top_secret_file.pdf"
    digest = hexadecimal(link + "s3cr3t")
    assert old_style(f"/p/{digest}/{link}", "s3cr3t") == link
    assert old_style(f"/p/{digest.upper()}/{link}", "s3cr3t") == link
    for wrong in (
        f"/p/{digest}/other",
        f"/p/{digest[:-1]}0/{link}",
        f"/p/{digest}/",
        f"/p/{digest}",
        "/p/x/" + link,
        "/",
    ):
        assert old_style(wrong, "s3cr3t") is None
    deep = "a/b c.mp4"
    assert old_style(f"/p/{hexadecimal(deep + 'x')}/{deep}", "x") == deep


def test_a_seek_stays_outside_of_the_hash() -> None:
    """start= and end= may be added to a link that was made without; nginx's own hash, over both, is right too."""
    digest, whole = hexadecimal("a.mp4secret"), hexadecimal("a.mp4?start=5secret")
    assert old_style(f"/p/{digest}/a.mp4?start=5&end=7", "secret") == "a.mp4"
    assert old_style(f"/p/{whole}/a.mp4?start=5", "secret") == "a.mp4?start=5"
    assert old_style(f"/p/{whole}/a.mp4?start=6", "secret") is None


NEW_STYLE = """
location /s/ {
    secure_link $arg_md5,$arg_expires;
    secure_link_md5 "$secure_link_expires$uri$remote_addr secret";

    if ($secure_link = "") {
        return 403;
    }

    if ($secure_link = "0") {
        return 410;
    }

    alias folder/;
    add_header X-Link "$secure_link until $secure_link_expires";
}
"""
"""The example of nginx's documentation, with a place for the files."""

OLD_STYLE = """
location /p/ {
    secure_link_secret secret;

    if ($secure_link = "") {
        return 403;
    }

    rewrite ^ /secure/$secure_link;
}

location /secure/ {
    internal;
    alias folder/;
}
"""


@pytest.fixture
def film(root: Path) -> Path:
    path = root / "folder" / "small.mp4"
    path.write_bytes(SMALL)
    return path


@pytest.mark.usefixtures("film")
@pytest_twisted.ensureDeferred
async def test_the_example_of_the_documentation(serve: Serve) -> None:
    """A link holds until it expires, for one address and one film, and for every part of it."""
    client = await serve(NEW_STYLE).connect()
    later, before = 2147483647, 1
    right = f"md5={token(f'{later}/s/small.mp4127.0.0.1 secret')}&expires={later}"
    late = f"md5={token(f'{before}/s/small.mp4127.0.0.1 secret')}&expires={before}"
    status, headers, body = await ask(client, None, f"/s/small.mp4?{right}")
    assert (status, body, headers["x-link"]) == (200, SMALL, f"1 until {later}")
    assert (await ask(client, None, f"/s/small.mp4?{right}", "Range: bytes=1-3"))[2] == SMALL[1:4]
    assert (await ask(client, None, f"/s/small.mp4?start=0&{right}"))[0] == 200
    assert (await ask(client, None, f"/s/small.mp4?{late}"))[0] == 410
    for wrong in ("", right.replace("md5=", "md5=x"), right.replace(str(later), str(later + 1))):
        assert (await ask(client, None, f"/s/small.mp4?{wrong}"))[0] == 403
    assert (await ask(client, None, f"/s/other.mp4?{right}"))[0] == 403


@pytest.mark.usefixtures("film")
@pytest_twisted.ensureDeferred
async def test_the_older_example(serve: Serve) -> None:
    """A link with its hash in the path leads to a file that nothing else leads to, and a seek goes with it."""
    client = await serve(OLD_STYLE).connect()
    digest = hexadecimal("small.mp4secret")
    assert (await ask(client, None, f"/p/{digest}/small.mp4"))[2] == SMALL
    assert (await ask(client, None, f"/p/{digest}/small.mp4?start=0"))[2] == SMALL
    assert (await ask(client, None, f"/p/{digest}/smaller.mp4"))[0] == 403
    assert (await ask(client, None, "/p/small.mp4"))[0] == 403
    assert (await ask(client, None, "/secure/small.mp4"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_without_the_directives(serve: Serve) -> None:
    """The variables are empty where nothing says how a link is made, or only half of it is said."""
    client = await serve(
        "add_header X-Link '[$secure_link][$secure_link_expires]'; location /small { secure_link $arg_md5; }"
    ).connect()
    for path in ("/large.mp4", f"/small.mp4?md5={token('')}"):
        _, headers, _ = await ask(client, None, path, "Range: bytes=0-0")
        assert headers["x-link"] == "[][]"


def test_both_styles_do_not_go_together(serve: Serve) -> None:
    """Two ways to make a link in one block are a mistake."""
    with pytest.raises(ConfigErrors, match="secure_link_secret"):
        serve("location /p/ { secure_link $arg_md5; secure_link_secret x; }")
