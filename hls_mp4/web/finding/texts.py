"""Texts of scripts: values with variables, whose captures are escaped where nginx escapes them.

nginx's script engine: `$1` to `$9` that go into arguments or into a redirect are percent-escaped, and so are those in
values before the first `rewrite` that matched, when the request had escapes (or a plus) in its path: what was decoded
once must not be taken for syntax afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from hls_mp4.web.variables import Template

if TYPE_CHECKING:
    from hls_mp4.web.finding.running import Run

_IN_ARGUMENTS = re.compile(r"[\0-\x20\"#%&+;<>?\\^`{|}\x7f-\xff]")
_IN_PATH = re.compile(r"[\0-\x20\"#%<>?\\^`{|}\x7f-\xff]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


def escape_arguments(text: str) -> str:
    """Return latin-1 text percent-escaped as nginx does for arguments."""
    return _IN_ARGUMENTS.sub(lambda found: f"%{ord(found[0]):02X}", text)


def escape_path(text: str) -> str:
    """Return latin-1 text percent-escaped as nginx does for a path in a Location header."""
    return _IN_PATH.sub(lambda found: f"%{ord(found[0]):02X}", text)


def unescape_redirect(text: str) -> str:
    """Return a redirect with the escapes before its question mark decoded that need not be there.

    That of a question mark need be, though nginx decodes it and has the rest of the path become arguments.
    """
    path, mark, query = text.partition("?")
    return _ESCAPE.sub(_unescaped, path) + mark + query


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if 0x25 < code < 0x7F and code != 0x3F else found[0]


def is_capture(name: str) -> bool:
    """Tell whether a variable is one of $1 to $9."""
    return len(name) == 1 and name.isdigit()


def compile_value(template: Template) -> Callable[[Run], str]:
    """Return a function from a running script to a value, latin-1."""
    if template.constant is not None:
        constant = template.constant
        return lambda run: constant
    if not any(not isinstance(part, str) and is_capture(part.name) for part in template.parts):
        render = template.render
        return lambda run: render(run.facts)

    def value(run: Run) -> str:
        pieces = []
        for part in template.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            text = part.read(run.facts) or ""
            pieces.append(escape_arguments(text) if is_capture(part.name) and run.quote and run.escapes else text)
        return "".join(pieces)

    return value
