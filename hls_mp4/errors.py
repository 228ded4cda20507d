"""What can go wrong with a request, in one small family.

Pure code raises these with a status *hint*; only the HTTP edge turns one into a response. The message goes to the
error log, never to the client, and uses nginx's words where nginx has words for it.
"""

from __future__ import annotations


class StreamingError(Exception):
    """A request that cannot be answered, and the status that fits.

    Args:
        message: one line for the error log.
        status_hint: the HTTP status this most likely means.
        box: path of the box concerned, as "moov/trak[1]/mdia/minf/stbl/stsz"; empty when none is.
        offset: absolute file offset of that box, -1 when unknown.
    """

    status_hint = 500

    def __init__(self, message: str, *, status_hint: int | None = None, box: str = "", offset: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.box = box
        self.offset = offset
        if status_hint is not None:
            self.status_hint = status_hint

    def __str__(self) -> str:
        place = f" in {self.box}" if self.box else ""
        where = f" at {self.offset}" if self.offset >= 0 else ""
        return f"{self.message}{place}{where}"


class MalformedMedia(StreamingError):
    """The file contradicts its own format: 500, as nginx answers."""


class UnsupportedMedia(StreamingError):
    """The file is legal, and we cannot serve this of it: 500."""


class MediaTooLarge(StreamingError):
    """A table or box of the file is above a configured limit: 500."""


class ClipOutOfRange(StreamingError):
    """The requested time holds nothing: 500 as in nginx's mp4 module."""


class NotFound(StreamingError):
    """Nothing lies at this path: 404."""

    status_hint = 404


class Forbidden(StreamingError):
    """It is there, and not for this client: 403."""

    status_hint = 403
