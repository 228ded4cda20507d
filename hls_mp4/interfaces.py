"""Every contract between rooms.

Pure: zope.interface, dataclasses and typing only. What implements a contract is tested by the suite of the same name
in `hls_mp4.testing`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from hls_mp4.plan import Extent, Plan


@dataclass(frozen=True, slots=True)
class ReadAt:
    """What an index generator yields: it wants these bytes and is sent them.

    Fewer bytes than asked for mean the end of the file, never anything else.
    """

    offset: int
    length: int


Indexing = Generator[ReadAt, bytes, Any]
"""A generator that yields ReadAt, is sent bytes, and returns a MediaIndex."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A film as a packager sees it: what is known of it, and where its bytes are.

    Args:
        index: the MediaIndex; None when the module said that it needs none.
        source: the IMediaSource that extents point into; the packager asks it for its size and for nothing else.
    """

    index: Any
    source: Any


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery module answers with.

    Args:
        plan: the body.
        variant: what tells this body from every other made of the same file: with the file's validator it becomes
            the ETag. Empty only for the file itself.
        headers: further response headers (name, value).
        rate: bytes per second to hold the body to after `rate_after` bytes; 0 for no limit.
        rate_after: bytes that are sent unthrottled.
        content_type: None to take the type of the file's suffix.
        cache: class of the body for cache headers: "manifest", "init", "segment", "key"; empty for a file or a clip.
        complaint: what the error log should know of a film that is served although something is wrong with it.
    """

    plan: Plan
    variant: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    rate: int = 0
    rate_after: int = 0
    content_type: str | None = None
    cache: str = ""
    complaint: str = ""


Learning = Generator["Extent", Any, Delivery]
"""A delivery that depends on bytes of the films, whose length for one: a generator that yields extents of their
sources, is sent the bytes of each, and returns the Delivery; it may raise StreamingError."""


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """What an index may cost.

    Args:
        buffer_size: bytes of the first read (nginx: mp4_buffer_size).
        max_buffer_size: bytes of metadata that may be held in memory (nginx: mp4_max_buffer_size).
        samples: whether samples are asked for; a format that learns key frames for less may leave them out without.
    """

    buffer_size: int = 512 * 1024
    max_buffer_size: int = 128 * 1024 * 1024
    samples: bool = True

    def without_samples(self) -> IndexLimits:
        """Return the same limits for an index that needs key frames only."""
        return replace(self, samples=False)


class Needs(Enum):
    """What a delivery module has to know of a film."""

    NOTHING = "nothing"
    KEY_FRAMES = "key frames"
    SAMPLES = "samples"


class IMediaFormat(Interface):
    """A container: MP4 and FLV are twins behind this. Discovered as a plugin (subclass with IPlugin)."""

    name = Attribute("short name: mp4, flv")

    def probe(head: bytes) -> bool:
        """Tell from a file's first bytes (at most 4096), never from its name, whether it is of this format."""

    def index(size: int, limits: IndexLimits) -> Indexing:
        """Return a generator of ReadAt that returns a MediaIndex or raises StreamingError."""


class IFilmDetails(Interface):
    """What a format can tell of its films beside the index, for those who show them; a format may provide this too."""

    def codec(track: Any) -> str:
        """Return the codecs parameter (RFC 6381) of a track of an index; four letters where no more is known."""

    def chapters(index: Any) -> Indexing:
        """Return a generator of ReadAt that returns a tuple of `media.chapters.Chapter`."""


class IDeliveryModule(Interface):
    """What a directive such as `mp4;` turns on in a location. Discovered as a plugin (subclass with IPlugin).

    A module's settings are frozen dataclasses whose fields are directives (see hls_mp4.directives); the first one has
    a boolean field `enabled`.
    """

    name = Attribute("name of the module and of the directive that enables it")
    settings = Attribute("the settings dataclass of the module")

    def match(query: bytes, settings: Any) -> Any:
        """Return what the request asks of this module, or None when the file itself is meant.

        Args:
            query: raw query string without the question mark.
            settings: an instance of `settings`.
        """

    def serves(form: str | None, match: Any, settings: Any) -> bool:
        """Tell whether this module answers for a file; if not, the next one that is turned on is asked.

        Args:
            form: name of the file's format; None for a file of none that we know.
            match: what `match` returned.
            settings: an instance of `settings`.
        """

    def needs(match: Any, settings: Any) -> Needs:
        """Return what has to be known of a film to answer."""

    def limits(settings: Any) -> IndexLimits:
        """Return what indexing may cost under these settings."""

    def takes_long(index: Any, match: Any, settings: Any) -> bool:
        """Tell whether `respond` may take more than some milliseconds: it is then called in a thread."""

    def respond(asset: Asset, match: Any, settings: Any, now: float) -> Delivery:
        """Return the answer; raises StreamingError. Pure, and safe to be called in several threads at once."""


class IClipUrls(Interface):
    """How a client asks a delivery module for a part of a film; a module that cuts by time may provide this too."""

    formats = Attribute("names of the formats whose films it cuts")

    def clip_query(start_ms: int, end_ms: int | None, settings: Any) -> str | None:
        """Return the query string of a part of a film, None when these settings do not allow parts.

        Args:
            start_ms: where it begins; with 0 and no end it is the film, made for playing while it loads.
            end_ms: where it ends; None for the end of the film.
            settings: an instance of the module's `settings`.
        """


class IPackagerModule(Interface):
    """What a directive such as `hls;` turns on in a location: URLs below a film's, as `film.mp4/master.m3u8`.

    Discovered as a plugin (subclass with IPlugin). Settings are as those of IDeliveryModule. What it is given is not a
    file but a presentation: the films of a server manifest, of several renditions, or a single one.
    """

    name = Attribute("name of the module and of the directive that enables it")
    settings = Attribute("the settings dataclass of the module")

    def match(name: str, query: bytes, settings: Any) -> Any:
        """Return what a URL asks of this module, or None when it is none of its URLs.

        Args:
            name: what follows the film's URL and a slash, decoded: "master.m3u8", "QualityLevels(9)/Fragments(v=0)".
            query: raw query string without the question mark.
            settings: an instance of `settings`.
        """

    def limits(settings: Any) -> IndexLimits:
        """Return what indexing may cost under these settings."""

    def takes_long(presentation: Any, match: Any, settings: Any) -> bool:
        """Tell whether `respond` may take more than some milliseconds: it is then called in a thread."""

    def respond(presentation: Any, match: Any, settings: Any, now: float) -> Delivery | Learning:
        """Return the answer, its content type always given; raises StreamingError, NotFound where there is nothing.

        Pure, and safe to be called in several threads at once.

        Args:
            presentation: a `hls_mp4.media.presentation.Presentation`.
            match: what `match` returned.
            settings: an instance of `settings`.
            now: seconds since the epoch.
        """


class IEncryptingModule(Interface):
    """What an IPackagerModule provides too that encrypts segments where a presentation is to be protected.

    Others are not asked for such a presentation: nothing of it is sent as it is.
    """


@dataclass(frozen=True, slots=True)
class Table:
    """What a precut module asks for first: a file that says where fragments lie. It is sent a `Tabled`.

    Args:
        name: of the file, from the folder on that the URL's name hangs in.
        read: takes the bytes of the file, returns a generator of ReadAt that returns what is kept of it, which has a
            `weight` in bytes.
    """

    name: str
    read: Callable[[int], Indexing]


@dataclass(frozen=True, slots=True)
class Tabled:
    """A table that was read.

    Args:
        source: the IMediaSource of its file.
        table: what `Table.read` made of it.
    """

    source: Any
    table: Any


@dataclass(frozen=True, slots=True)
class Media:
    """What a precut module asks for then: a file that fragments lie in. It is sent its IMediaSource.

    Args:
        name: of the file, from the table's folder on, or an absolute path.
        folders: besides the one that is served, those that it may lie in.
    """

    name: bytes
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFrom:
    """What a precut module asks for in between: bytes of one of its sources. It is sent exactly these.

    Args:
        source: as it was sent.
        offset, length: where they lie.
    """

    source: Any
    offset: int
    length: int


Asking = Generator[Table | Media | ReadFrom, Any, Delivery]
"""A generator that asks for files and bytes, is sent them, and returns the answer."""


class IPrecutModule(Interface):
    """What a directive such as `mp4frag;` turns on: URLs of fragments that somebody else has cut and listed in a table.

    Discovered as a plugin (subclass with IPlugin). Settings are as those of IDeliveryModule.
    """

    name = Attribute("name of the module and of the directive that enables it")
    settings = Attribute("the settings dataclass of the module")
    headers = Attribute("headers of every answer, errors too: (name, value)")

    def match(name: str, settings: Any) -> Any:
        """Return what a URL asks of this module, or None when it is none of its URLs.

        Args:
            name: the last one to three segments of the path, decoded: "0/Seg1-Frag3".
            settings: an instance of `settings`.
        """

    def answer(match: Any, settings: Any) -> Asking:
        """Return a generator that asks for a Table first and returns the answer, its content type always given.

        It raises StreamingError, NotFound where the table has no such fragment. Extents of the answer are of sources
        that it was sent, one of which is that of a Media.

        Args:
            match: what `match` returned.
            settings: an instance of `settings`.
        """


class IMediaSource(Interface):
    """Where the bytes of one film come from; one version of it, however long it is held."""

    size = Attribute("bytes")
    validator = Attribute("text that differs for every version of the bytes: basis of ETags")
    mtime = Attribute("seconds since the epoch, for Last-Modified")

    def read_now(offset: int, length: int) -> Any:
        """Return bytes that are at hand, fewer at the end of the source; None when they have to be waited for."""

    def read_at(offset: int, length: int) -> Any:
        """Return a Deferred of exactly these bytes; fails with TruncatedSource when there are fewer."""

    def lend(offset: int, length: int) -> Any:
        """Return (file descriptor, offset) when the bytes are in a local file, else None."""

    def resident(offset: int, length: int) -> bool:
        """Tell whether lent bytes can be sent without waiting for a disk."""

    def fetch(offset: int, length: int) -> Any:
        """Return a Deferred that fires when lent bytes are resident."""

    def held(call: Any, *args: Any) -> Any:
        """Run something that takes long in a thread, the source kept open; return a Deferred of its result."""

    def unchanged() -> bool:
        """Tell whether the bytes are still those of `validator`; cheap, asked before each piece is sent."""

    def retain() -> None:
        """Keep the source open for one more user."""

    def release() -> None:
        """Give up one use; the last one closes."""


class TruncatedSource(Exception):
    """The source has fewer bytes than it had when the response was planned."""
