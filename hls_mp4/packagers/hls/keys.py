"""Encryption of segments (RFC 8216 4.3.2.4): which key, where players get it, and what playlists say of it."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.settings import KEY_NAME, HlsSettings

AES_128, SAMPLE_AES, SAMPLE_AES_CTR = "AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"

KEY = 16
"""Bytes of keys and initialization vectors."""

_FOREIGN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the segments of a film are encrypted with.

    Args:
        method: AES_128, of whole segments, or SAMPLE_AES.
        key: 16 bytes.
        iv: 16 bytes; None for one of each segment's own, its number.
        uri: where players get the key.
    """

    method: str
    key: bytes
    iv: bytes | None
    uri: str

    @property
    def ours(self) -> bool:
        """Whether the key is got from beside the playlist."""
        return self.uri == KEY_NAME

    @property
    def key_id(self) -> bytes:
        """What tells the key from others in fragments; nothing about it follows from this."""
        return hmac.digest(self.key, b"key id", "sha256")[:KEY]

    @property
    def print(self) -> str:
        """Text that differs for every key and tells nothing of it, for validators."""
        return hmac.digest(self.key, b"fingerprint" + self.method.encode() + (self.iv or b""), "sha256")[:6].hex()

    def iv_of(self, number: int) -> bytes:
        """Return the initialization vector of a segment.

        Args:
            number: from 1, its media sequence number.
        """
        return self.iv if self.iv is not None else number.to_bytes(KEY, "big")

    def tag(self, forward: str) -> str:
        """Return the line of a playlist.

        Args:
            forward: query arguments that are carried on to the key; not to another host's.
        """
        uri = self.uri
        if forward and not _FOREIGN.match(uri):
            uri += ("&" if "?" in uri else "?") + forward
        iv = f",IV=0x{self.iv.hex().upper()}" if self.iv is not None else ""
        return f'#EXT-X-KEY:METHOD={self.method},URI="{uri}"{iv}'


def keys_of(presentation: Presentation, settings: HlsSettings) -> Keys | None:
    """Return what the segments of a film are encrypted with, None for nothing.

    A key of the film's own is made of the seed and of what tells this version of the first source from all others.
    """
    if settings.encryption == "off":
        return None
    source = presentation.assets[0].source
    film = str(getattr(source, "validator", "")).encode()
    key = settings.key
    if key is None:
        key = hmac.digest((settings.key_seed or "").encode(), b"HLS key of " + film, hashlib.sha256)[:KEY]
    if settings.encryption == "aes-128":
        return Keys(AES_128, key, None, settings.key_uri)
    iv = hmac.digest(key, b"HLS initialization vector of " + film, hashlib.sha256)[:KEY]
    return Keys(SAMPLE_AES, key, iv, settings.key_uri)
