"""What films are encrypted with when they are sent in segments: the scheme, keys, and what key systems are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

CENC, CBCS = "cenc", "cbcs"


@dataclass(frozen=True, slots=True)
class Key:
    """A content key.

    Args:
        key_id: 16 bytes.
        key: 16 bytes.
        iv: 16 bytes, the constant initialization vector of cbcs.
    """

    key_id: bytes
    key: bytes = field(repr=False)
    iv: bytes


@dataclass(frozen=True, slots=True)
class KeySystem:
    """What a key system, Widevine or another, is told in a pssh box (ISO/IEC 23001-7 8.1).

    Args:
        system_id: 16 bytes.
        box: the whole pssh box.
        data: what is in it for the key system.
    """

    system_id: bytes
    box: bytes = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Protection:
    """How a presentation is encrypted.

    Args:
        scheme: "cenc" or "cbcs".
        video, audio: the keys; they may be the same.
        systems: what key systems are told.
        clear_key: whether the keys are given to anybody who asks, as the key system ClearKey has it.
    """

    scheme: str
    video: Key
    audio: Key
    systems: tuple[KeySystem, ...] = ()
    clear_key: bool = False

    def key_of(self, kind: str) -> Key:
        """Return the key of a kind of rendition."""
        return self.audio if kind == "audio" else self.video

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key once."""
        return (self.video,) if self.video == self.audio else (self.video, self.audio)

    @property
    def variant(self) -> str:
        """What tells bodies encrypted so from all others; nothing about the keys follows from it."""
        told = repr((self.scheme, self.clear_key, self.systems)).encode()
        for key in self.keys:
            told += key.key_id + key.key + key.iv
        for system in self.systems:
            told += system.box
        return sha256(b"variant" + told).hexdigest()[:12]
