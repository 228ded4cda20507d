"""merge_slashes: whether several slashes in a row in a URI are one.

nginx's core module. Where nginx takes the word of an address's default server, the server that was asked for is heard.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import HTTP, SERVER, Flag, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSlashesSettings:
    """Slashes in URIs."""

    merge: bool = directive(
        "merge_slashes",
        HTTP | SERVER,
        Flag(),
        default="on",
        doc="Whether several slashes in a row in a URI are one, for locations and files alike.",
        differs="that of the server holds which a client names, not the default server's",
    )
