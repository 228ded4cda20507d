"""XML as elements, read within bounds: no document type, no entities, no depth, no more than a manifest needs.

Expat reads it. A document type is refused before anything in it is looked at, so that there is no entity to expand and
nothing to fetch; the five that XML itself has are all there are. UTF-8, and UTF-16 with a mark or by its zero bytes, as
Expression Encoder writes it; of other encodings those of western Europe.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from hls_mp4.errors import MalformedMedia, MediaTooLarge

MOST_BYTES = 1 << 20
MOST_ELEMENTS = 8192
DEEPEST = 32

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_READ = {"iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252"}


@dataclass(slots=True)
class Element:
    """An element of a document.

    Args:
        name: without its namespace, in lower case.
        attributes: by their names in lower case, namespaces left out.
        children: in the order of the document.
    """

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute without the space around it."""
        return self.attributes.get(name.lower(), default).strip()

    def named(self, *names: str) -> Iterator[Element]:
        """Yield the children that have one of these names, in lower case."""
        return (child for child in self.children if child.name in names)


def parse_document(data: bytes) -> Element:
    """Return the root of a document; its texts are left out.

    Raises:
        MalformedMedia: it is no XML, or has a document type.
        MediaTooLarge: it is longer, or has more elements, or deeper ones, than a manifest.
    """
    if len(data) > MOST_BYTES:
        raise MediaTooLarge(f"manifest is too large:{len(data)}")
    reader = _Reader()
    # What encoding the text says it has no longer counts: it is ours.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.EntityDeclHandler = _refuse_document_type
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(_text(data).encode("utf-8", "replace"), True)
    except expat.ExpatError as problem:
        raise MalformedMedia(f"manifest is no XML: {problem}") from None
    if reader.root is None:
        raise MalformedMedia("manifest is empty")
    return reader.root


def _refuse_document_type(*_: object) -> None:
    raise MalformedMedia("manifest has a document type, which is refused")


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data[:4:2] == b"<?" and not any(data[1:4:2]):
        return data.decode("utf-16-le", "replace")
    if data[1:4:2] == b"<?" and not any(data[:4:2]):
        return data.decode("utf-16-be", "replace")
    declared = _DECLARED.match(data)
    name = declared[1].decode("ascii").lower() if declared else ""
    return data.decode(_READ.get(name, "utf-8"), "replace")


class _Reader:
    """Collects the elements of a document."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise MediaTooLarge("manifest has too many elements")
        if len(self._open) >= DEEPEST:
            raise MediaTooLarge("manifest is too deep")
        made = Element(_local(name), {_local(each): value for each, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, name: str) -> None:
        self._open.pop()


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
