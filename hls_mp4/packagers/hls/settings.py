"""Directives of the hls module; nginx's commercial module of that name has some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import (
    ANYWHERE,
    LOCATION,
    Choice,
    FileContents,
    Flag,
    Parsed,
    Presence,
    Size,
    Text,
    directive,
    one,
)

KEY_NAME = "encryption.key"
"""Where the module itself answers with a film's key."""

_KEY_BYTES = 16


def read_key(data: bytes) -> bytes:
    """Return the key in a file: 16 bytes, or 32 hexadecimal digits; raises ValueError."""
    if len(data) == _KEY_BYTES:
        return data
    text = data.strip()
    if len(text) != 2 * _KEY_BYTES:
        raise ValueError("a key has 16 bytes, or 32 hexadecimal digits")
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise ValueError("a key has 16 bytes, or 32 hexadecimal digits") from None


def read_uri(args: Sequence[str]) -> str:
    """Return the URI of a key; raises ValueError."""
    uri = one(args)
    if not uri or not uri.isprintable() or not uri.isascii() or '"' in uri or " " in uri:
        raise ValueError(f'invalid URI "{uri}"')
    return uri


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsSettings:
    """HTTP Live Streaming: `film.mp4/master.m3u8`."""

    enabled: bool = directive(
        "hls", LOCATION, Presence(), default=False, doc="Answers film.mp4/master.m3u8 and what its playlists name."
    )
    form: str = directive(
        "hls_segment_format",
        ANYWHERE,
        Choice(("fmp4", "ts")),
        default="fmp4",
        doc="What segments are: fragmented MP4, sent as the film holds it, or MPEG-TS for players of before 2016.",
    )
    iframes: bool = directive(
        "hls_iframe_playlists",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether playlists of key frames are offered, which players show while they wind.",
    )
    encryption: str = directive(
        "hls_encryption",
        ANYWHERE,
        Choice(("off", "aes-128", "sample-aes")),
        default="off",
        doc="Whether segments are encrypted: as a whole, or the pictures and the sound in them, in part.",
    )
    key: bytes | None = directive(
        "hls_key_file",
        ANYWHERE,
        FileContents(read_key),
        default=None,
        doc="Key of all films: 16 bytes, or 32 hexadecimal digits; read when the daemon starts.",
    )
    key_seed: str | None = directive(
        "hls_key_seed",
        ANYWHERE,
        Text(),
        default=None,
        doc="Secret that a key of its own is derived from for each film, where there is no hls_key_file.",
    )
    key_uri: str = directive(
        "hls_key_uri",
        ANYWHERE,
        Parsed("URI", read_uri),
        default=KEY_NAME,
        doc="Where players get the key; encryption.key beside the playlists is answered by the module itself.",
    )
    buffer_size: int = directive(
        "hls_mp4_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "hls_mp4_max_buffer_size",
        ANYWHERE,
        Size(1),
        default="128m",
        doc="Most metadata a film may have.",
    )

    def __post_init__(self) -> None:
        """Check that what is to be encrypted has a key."""
        if not self.enabled or self.encryption == "off":
            return
        if self.key is None and not self.key_seed:
            raise ValueError(f'"hls_encryption {self.encryption}" needs hls_key_file or hls_key_seed')
