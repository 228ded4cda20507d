"""Writing XML 1.0: elements in lines of their own, whatever text they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ATTRIBUTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


class Raw(str):
    """Text that is XML already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Element:
    """An element.

    Args:
        name: with its prefix.
        attributes: in their order; those that are None are left out.
        children: elements, or lines that are XML already.
        text: what it holds where it has no children.
    """

    name: str
    attributes: Mapping[str, str | int | None]
    children: Sequence[Element | str] = ()
    text: str = ""


def written(root: Element) -> str:
    """Return a document."""
    lines = [DECLARATION]
    _write(root, "", lines)
    return "\n".join(lines) + "\n"


def attribute(value: str | int) -> str:
    """Return a value as it stands between quotes; what XML cannot hold is left out."""
    if isinstance(value, int | Raw):
        return str(value)
    return escape(_UNWRITABLE.sub("", value), _IN_ATTRIBUTES)


def content(text: str) -> str:
    """Return text as it stands between tags; what XML cannot hold is left out."""
    return text if isinstance(text, Raw) else escape(_UNWRITABLE.sub("", text))


def _write(element: Element, indent: str, lines: list[str]) -> None:
    told = "".join(f' {name}="{attribute(value)}"' for name, value in element.attributes.items() if value is not None)
    head = f"{indent}<{element.name}{told}"
    if element.children:
        lines.append(f"{head}>")
        for child in element.children:
            if isinstance(child, str):
                lines.append(f"{indent}  {child}")
            else:
                _write(child, indent + "  ", lines)
        lines.append(f"{indent}</{element.name}>")
    elif element.text:
        lines.append(f"{head}>{content(element.text)}</{element.name}>")
    else:
        lines.append(f"{head}/>")
