"""The players that film pages use for streams: hls.js and dash.js, files that `make players` lays beside this module.

A player is served at the film's own URL, as its page is: `film.mp4?player=hls-1.7.4.js`. So it comes through whatever
the film comes through, a prefix of a proxy, a password, a token in the query; no file can have its name, and nothing is
asked of another host. The price is that a browser keeps one for each film rather than one for all. Its version is in
its name: what was once sent for a name never changes, and clients may keep it for good.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from gzip import compress
from hashlib import sha384
from pathlib import Path
from typing import TYPE_CHECKING

from hls_mp4.plan import Literal, Plan
from hls_mp4.web.codings import takes_gzip
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.filters import filtered
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

FOLDER = Path(__file__).parent / "players"

_FILE = re.compile(r"(hls|dash)-([0-9]+(?:\.[0-9]+){1,3})\.(js|txt)")

_KINDS = {"js": "text/javascript; charset=utf-8", "txt": "text/plain; charset=utf-8"}

_ABOUT = {
    "hls": ("hls.js", "Apache License 2.0", "https://github.com/video-dev/hls.js"),
    "dash": ("dash.js", "BSD 3-Clause License", "https://github.com/Dash-Industry-Forum/dash.js"),
}

_FOR_GOOD = (("Cache-Control", "public, max-age=31536000, immutable"), ("X-Content-Type-Options", "nosniff"))

_OWN = ("Cache-Control", "Content-Encoding", "Expires", "Vary")


@dataclass(frozen=True, slots=True)
class StreamPlayer:
    """A player.

    Args:
        name: "hls" or "dash".
        version: of it.
        script: its code.
        licence: text of its licence.
    """

    name: str
    version: str
    script: bytes
    licence: bytes

    @property
    def title(self) -> str:
        """What it is called."""
        return f"{_ABOUT[self.name][0]} {self.version}"

    @property
    def terms(self) -> str:
        """Name of its licence."""
        return _ABOUT[self.name][1]

    @property
    def home(self) -> str:
        """Where its source is."""
        return _ABOUT[self.name][2]

    @property
    def file(self) -> str:
        """Name by which pages ask for it."""
        return f"{self.name}-{self.version}.js"

    @property
    def licence_file(self) -> str:
        """Name by which pages ask for its licence."""
        return f"{self.name}-{self.version}.txt"

    @property
    def integrity(self) -> str:
        """Its digest, for browsers to check (W3C Subresource Integrity)."""
        return "sha384-" + b64encode(sha384(self.script).digest()).decode("ascii")


def read_players(folder: Path = FOLDER) -> dict[str, StreamPlayer]:
    """Return the players of a folder by name, those that were not fetched left out; for threads."""
    found = {}
    for path in sorted(folder.glob("*.js")):
        name = _FILE.fullmatch(path.name)
        if name is not None:
            script, licence = path.read_bytes(), path.with_suffix(".txt").read_bytes()
            found[name[1]] = StreamPlayer(name[1], name[2], script, licence)
    return found


@cache
def players() -> dict[str, StreamPlayer]:
    """Return the players there are, read once; for threads."""
    try:
        return read_players()
    except OSError:
        return {}


@cache
def _packed(file: str) -> bytes:
    return compress(_content(file) or b"", 9, mtime=0)


def _content(file: str) -> bytes | None:
    for player in players().values():
        if file == player.file:
            return player.script
        if file == player.licence_file:
            return player.licence
    return None


def is_player_file(value: bytes) -> bool:
    """Tell whether the value of the argument `player` is the name of such a file, there or not."""
    return _FILE.fullmatch(value.decode("latin-1")) is not None


async def answer_file(request: StreamingRequest, rules: LocationRules, value: bytes) -> Answer:
    """Return a player, or its licence.

    Args:
        request: for it.
        rules: of the film's location.
        value: name of the file.

    Raises:
        Refusal: there is none of this version.
    """
    file = value.decode("latin-1")
    threads = request.shared.threads
    body = await threads.call(_content, file)
    if body is None:
        raise Refusal(404, f'there is no player "{file}"')
    packed = takes_gzip(RequestFacts(request).request_header("accept-encoding") or "")
    if packed:
        body = await threads.call(_packed, file)
    answer = filtered(request, rules, Plan([Literal(body)]), None, None, _KINDS[file.rpartition(".")[2]])
    # It is compressed already, whatever the location does with texts, and lasts longer than what lies there.
    answer.compression = None
    answer.headers = [field for field in answer.headers if field[0] not in _OWN]
    answer.headers += [*_FOR_GOOD, ("Vary", "Accept-Encoding"), *([("Content-Encoding", "gzip")] if packed else [])]
    return answer
