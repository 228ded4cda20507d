"""Directives of Unified Streaming's module for nginx, and the names of what becomes of a request.

`usp_handle_ism` turns on every format below a film's URL, and clips of the film itself. `usp_status` says with which
status a fragment is refused in which format; of a film at rest there is none that is missing or not there yet, these
are for live channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, LOCATION, Flag, Parsed, Presence, directive

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

FORMATS: Mapping[str, str] = {"smooth": "iss", "hds": "hds", "f4f": "hds", "hls": "hls", "dash": "mpd"}
"""Packager -> Unified Streaming's name of its format."""

_STATES = ("not_found", "missing", "not_available")
_ALIASES = {"smooth": "iss", "dash": "mpd"}

PACKAGERS = frozenset(("hls", "dash", "smooth", "hds"))
VARIABLE = "usp_status"

OK = "FMP4_OK"
_NAMES = {
    400: "FMP4_BAD_REQUEST",
    403: "FMP4_FORBIDDEN",
    404: "FMP4_NOT_FOUND",
    415: "FMP4_UNSUPPORTED_MEDIA_TYPE",
}
_NO_FRAGMENT = "FMP4_FRAGMENT_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class StatusRule:
    """One `usp_status`.

    Args:
        form: "iss", "hds", "hls" or "mpd".
        state: "not_found", "missing" or "not_available".
        status: of the answer.
    """

    form: str
    state: str
    status: int


def read_status(args: Sequence[str]) -> StatusRule:
    """Return what `usp_status iss missing 412` says; raises ValueError."""
    if len(args) != 3:
        raise ValueError("invalid number of arguments")
    form, state, code = args[0].lower(), args[1].lower(), args[2]
    form = _ALIASES.get(form, form)
    if form not in FORMATS.values():
        raise ValueError(f'invalid format "{args[0]}", it must be iss, hds, hls or mpd')
    if state not in _STATES:
        raise ValueError(f'invalid state "{args[1]}", it must be one of {", ".join(_STATES)}')
    if not (code.isascii() and code.isdigit() and len(code) == 3 and 400 <= int(code) <= 599):
        raise ValueError(f'invalid status "{code}", it must be between 400 and 599')
    return StatusRule(form, state, int(code))


def read_switch(args: Sequence[str]) -> bool:
    """Return what a directive says that may stand alone, for on; raises ValueError."""
    return Flag().parse(args) if args else True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnifiedSettings:
    """What configurations of Unified Streaming's module bring along."""

    enabled: bool = directive(
        "usp_handle_ism",
        LOCATION,
        Presence(),
        default=False,
        doc="Turns on hls, dash, smooth and hds, with Unified Streaming's names beside ours, and mp4:"
        " film.ism/Manifest, film.ism/.m3u8, film.ism/.mpd, film.ism/.f4m, film.mp4?vbegin=10.",
    )
    f4f: bool = directive(
        "usp_handle_f4f",
        LOCATION,
        Parsed("[on | off]", read_switch),
        default=False,
        doc="Turns on f4f, where that module is installed: packaged files of Adobe's.",
    )
    prefer_static: bool = directive(
        "usp_prefer_static",
        LOCATION,
        Parsed("[on | off]", read_switch),
        default=False,
        doc="Whether a real file at a URL is sent in the place of what would be made there.",
    )
    skip_rewrite: bool = directive(
        "usp_skip_rewrite",
        LOCATION,
        Parsed("[on | off]", read_switch),
        default=False,
        doc="Whether Unified Streaming's names are left alone, so that only ours are answered.",
    )
    statuses: tuple[StatusRule, ...] = directive(
        "usp_status",
        ANYWHERE,
        Parsed("iss | hds | hls | mpd not_found | missing | not_available status", read_status),
        default=(),
        repeated=True,
        doc="With which status a fragment is refused in a format. Films at rest know not_found only, which is 404"
        " without this.",
    )

    def status(self, packager: str, state: str) -> int | None:
        """Return the status of a state in the format of a packager, None for the usual one."""
        form = FORMATS.get(packager)
        return next((rule.status for rule in self.statuses if (rule.form, rule.state) == (form, state)), None)


def turned_on(settings: UnifiedSettings) -> frozenset[str]:
    """Return the modules that these directives turn on, by name."""
    f4f = frozenset(("f4f",)) if settings.f4f else frozenset()
    return PACKAGERS | {"mp4"} | f4f if settings.enabled else f4f


def note(request: StreamingRequest, rules: LocationRules, status: int, *, fragment: bool = False) -> None:
    """Leave the name of what became of a request in $usp_status, where such requests are handled.

    Args:
        request: the request.
        rules: of its location.
        status: of the answer.
        fragment: whether a film was there, and what was asked for of it was not.
    """
    if not rules.of[UnifiedSettings].enabled:
        return
    refused = _NO_FRAGMENT if fragment else _NAMES.get(status, "FMP4_INTERNAL_ERROR")
    request.set_value(VARIABLE, OK if status < 400 else refused)
