"""log_format: what a line of the access log looks like, and how values are kept from forging one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hls_mp4.web.facts import Facts
from hls_mp4.web.variables import Escape, Template, compile_template, renderer

COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
"""nginx's predefined format."""

_HEX = {code: f"\\x{code:02X}" for code in (*range(32), 0x22, 0x5C, *range(0x7F, 0x100))}
_JSON = {code: f"\\u{code:04X}" for code in range(32)} | {
    ord(char): "\\" + letter for char, letter in zip('"\\\n\r\t\b\f', '"\\nrtbf', strict=True)
}


def _as_text(value: str | None) -> str:
    """Escape as nginx does by default: what could end or forge a line is `\\x0A`; what is absent is `-`."""
    if value is None:
        return "-"
    # Together these cost less than looking for one of the rare characters.
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return value
    return value.translate(_HEX)


def _as_json(value: str | None) -> str:
    """Escape for the inside of a JSON string; what is absent is empty."""
    return value.translate(_JSON) if value else ""


def _as_it_is(value: str | None) -> str:
    return value or ""


ESCAPES: dict[str, Escape] = {"default": _as_text, "json": _as_json, "none": _as_it_is}


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A log_format.

    Args:
        name: what access_log calls it.
        template: its text.
        escape: how values of variables are made safe, a key of ESCAPES.
    """

    name: str
    template: Template
    escape: str = "default"

    def compiled(self) -> Callable[[Facts], str]:
        """Return a function from a request's facts to its line, one character per byte, without the line end."""
        return renderer(self.template.parts, ESCAPES[self.escape])


def read_format(args: Sequence[str]) -> LogFormat:
    """Return the format of `name [escape=...] string ...`; raises ValueError."""
    if len(args) < 2:
        raise ValueError("invalid number of arguments")
    name, *strings = args
    escape = "default"
    if strings[0].startswith("escape="):
        escape = strings.pop(0).removeprefix("escape=")
        if escape not in ESCAPES:
            raise ValueError(f'unknown log format escaping "{escape}"')
        if not strings:
            raise ValueError("invalid number of arguments")
    return LogFormat(name, compile_template("".join(strings)), escape)


PREDEFINED = LogFormat("combined", compile_template(COMBINED))
