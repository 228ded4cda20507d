"""Bytes of a subtitle file to lines of text.

WebVTT is UTF-8; SubRip is whatever its author's machine wrote: UTF-8, UTF-16 with a mark, else Windows' code page for
western Europe, in which any bytes are some text.
"""

from __future__ import annotations

import codecs

from hls_mp4.errors import MediaTooLarge

MOST_BYTES = 16 << 20
"""Of a file: the subtitles of a film of hours are a few hundred kilobytes."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a file, without their ends, a NUL being U+FFFD.

    Raises:
        MediaTooLarge: it is too long to be subtitles.
    """
    if len(data) > MOST_BYTES:
        raise MediaTooLarge(f"subtitles are too large:{len(data)}")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
