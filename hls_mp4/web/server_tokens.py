"""server_tokens: what responses and error pages say of the program that made them; nginx's core module.

A text of one's own, which nginx sells, may have variables; an error page shows it only when it has none, for a page has
nothing in it that came with a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4 import __version__
from hls_mp4.directives import ANYWHERE, Parsed, directive
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.rules import LocationRules

NAME = "mp4stream"


def _read(args: Sequence[str]) -> Template:
    """Return the text of `on | off | build | string`; raises ValueError."""
    if len(args) != 1:
        raise ValueError("invalid number of arguments")
    return compile_template(
        {"on": f"{NAME}/{__version__}", "build": f"{NAME}/{__version__}", "off": NAME}.get(*args, *args)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTokenSettings:
    """The name of the program."""

    text: Template = directive(
        "server_tokens",
        ANYWHERE,
        Parsed("on | off | build | string", _read),
        default="on",
        doc="What the Server header and error pages say: name and version, with off the name alone, or a text of one's"
        " own; an empty one leaves the header out.",
        differs="the name is mp4stream; a text of one's own needs no subscription",
    )


_UNSET = ServerTokenSettings()


def tokens_of(rules: LocationRules | None) -> Template:
    """Return what holds in a location."""
    settings: ServerTokenSettings = rules.of.get(ServerTokenSettings, _UNSET) if rules is not None else _UNSET
    return settings.text
