"""XML within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.smil.tree import DEEPEST, MOST_BYTES, MOST_ELEMENTS, parse_document
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError

LAUGHS = "<!DOCTYPE lolz [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


def test_names_have_no_case_and_no_namespace() -> None:
    """A manifest is read whatever prefix its author gave to SMIL, and however names are spelt."""
    root = parse_document(b'<s:SMIL xmlns:s="x"><s:Body s:Src=" a.mp4 "><p/><Q/></s:Body></s:SMIL>')
    assert root.name == "smil"
    (body,) = root.named("body")
    assert (body.get("src"), body.get("SRC"), body.get("none", "-")) == ("a.mp4", "a.mp4", "-")
    assert [child.name for child in body.named("p", "q")] == ["p", "q"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    """With a mark or without one, and whatever the declaration claims."""
    declared = "windows-1252" if encoding == "cp1252" else "utf-16"
    text = f'<?xml version="1.0" encoding="{declared}"?><smil title="Fürth"/>'
    assert parse_document(text.encode(encoding)).get("title") == "Fürth"


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS + "]><lolz>&l9;</lolz>",
        '<!DOCTYPE smil SYSTEM "file:///etc/passwd"><smil/>',
        '<!DOCTYPE smil [<!ENTITY x SYSTEM "file:///etc/passwd">]><smil>&x;</smil>',
        '<!DOCTYPE smil [<!ENTITY % p SYSTEM "http://x/">%p;]><smil/>',
        "<smil>&undeclared;</smil>",
        "<smil>",
        "<smil></lims>",
        "",
        "no XML",
    ],
)
def test_tricks_and_scraps_are_refused(text: str) -> None:
    """A document type is refused whatever is in it, so no entity is ever expanded and nothing is fetched."""
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(MalformedMedia):
            parse_document(text.encode(encoding))


def test_too_much_is_refused() -> None:
    """Length, depth and number have bounds, which are looked at before memory is spent."""
    for data in (
        b"<a>" + b" " * MOST_BYTES + b"</a>",
        b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1),
        b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>",
    ):
        with pytest.raises(MediaTooLarge):
            parse_document(data)


@given(st.one_of(st.binary(max_size=300), st.text(alphabet="<>/a=\"' &;!?[]-xml", max_size=200).map(str.encode)))
def test_any_bytes_end(data: bytes) -> None:
    """Whatever a file holds: it is a document or refused, never anything else."""
    try:
        parse_document(data)
    except StreamingError:
        pass
