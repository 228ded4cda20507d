"""How a room declares the directives that configure it.

A settings class is a frozen dataclass whose fields are directives: name, contexts, argument types, default and a one
line doc stand once, next to the code they configure. `hls_mp4.config` reads text and fills these classes; the same
declarations make docs/configuration.md. Pure.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Mp4Settings:
        \"""Pseudo-streaming of MP4 files.\"""

        enabled: bool = directive("mp4", LOCATION, Presence(), default=False, doc="Answers start= and end=.")
        buffer_size: int = directive("mp4_buffer_size", ANYWHERE, Size(), default="512k", doc="First read of a film.")

A settings class may check its fields against each other in `__post_init__` and raise ValueError: it is shown like any
other mistake of the block.
"""

from hls_mp4.directives.arguments import (
    Arguments,
    Block,
    Choice,
    FileContents,
    Flag,
    Kind,
    Number,
    OneOf,
    Parsed,
    Path,
    Presence,
    Size,
    Text,
    Time,
    Words,
    one,
    parse_size,
    parse_time_ms,
)
from hls_mp4.directives.declaration import (
    ANYWHERE,
    EVENTS,
    HTTP,
    LIMIT_EXCEPT,
    LOCATION,
    LOCATION_IF,
    MAIN,
    SERVER,
    SERVER_IF,
    Context,
    Directive,
    directive,
    directives_of,
)
from hls_mp4.directives.expressions import CAPTURE_NAMES, compile_regex

__all__ = [
    "ANYWHERE",
    "CAPTURE_NAMES",
    "EVENTS",
    "HTTP",
    "LIMIT_EXCEPT",
    "LOCATION",
    "LOCATION_IF",
    "MAIN",
    "SERVER",
    "SERVER_IF",
    "Arguments",
    "Block",
    "Choice",
    "Context",
    "Directive",
    "FileContents",
    "Flag",
    "Kind",
    "Number",
    "OneOf",
    "Parsed",
    "Path",
    "Presence",
    "Size",
    "Text",
    "Time",
    "Words",
    "compile_regex",
    "directive",
    "directives_of",
    "one",
    "parse_size",
    "parse_time_ms",
]
