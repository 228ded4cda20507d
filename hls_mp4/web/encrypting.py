"""Encryption of segments by a key file: Common Encryption, for every format of a location that has it.

Files of keys are read when the daemon starts, see `hls_mp4.service.protections`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Choice, Flag, Path, directive
from hls_mp4.media.protection import Protection
from hls_mp4.packagers.fmp4.encryption_keys import LARGEST, read_keys

__all__ = ["DrmSettings", "Protection", "read_protection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrmSettings:
    """Encryption of segments."""

    key_file: str | None = directive(
        "drm_key_file",
        ANYWHERE,
        Path(),
        default=None,
        doc="Encrypts segments with the key in this file, JSON that is read at the start; see docs/packaging.md.",
    )
    scheme: str = directive(
        "drm_scheme",
        ANYWHERE,
        Choice(("cenc", "cbcs")),
        default="cenc",
        doc="How: AES in counter mode, or in blocks of a pattern, which Apple's players want.",
    )
    clear_key: bool = directive(
        "drm_clear_key",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Whether film.mp4/clearkey.json gives the key to who may ask for the film.",
    )


def read_protection(settings: DrmSettings) -> Protection:
    """Return what the key file of some settings says; for the start.

    Raises:
        OSError: it cannot be read.
        ValueError: it says nothing that could be used.
    """
    assert settings.key_file is not None
    with open(settings.key_file, "rb") as file:
        data = file.read(LARGEST + 1)
    return read_keys(data, settings.scheme, clear_key=settings.clear_key)
