"""internal: a location that only internal redirects lead to; for clients it is not there (404).

nginx's core module: requests come there by error_page, index, try_files, rewrite, and as subrequests.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import LOCATION, Presence, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalSettings:
    """Locations that clients cannot ask for."""

    internal: bool = directive(
        "internal",
        LOCATION,
        Presence(),
        default=False,
        inherited=False,
        doc="Only internal redirects (error_page, index, rewrite, try_files) and subrequests lead to this location;"
        " clients get 404.",
    )
