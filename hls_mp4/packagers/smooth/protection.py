"""Encrypted chunks, and what key systems are told of them (MS-SSTR 2.2.2.2; PIFF 1.1 5.3.2.1; PlayReady Header Object).

Samples are encrypted as Common Encryption has it in its scheme `cenc`, which is PIFF's; what decoders need is in PIFF's
own box, for there is no init segment that would tell them of another. The manifest holds what a key file says of key
systems. A PlayReady header without the address of a licence server is written where the file has none.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from uuid import UUID

from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.protection import CENC, Protection
from hls_mp4.packagers.fmp4.encryption import Encrypted
from hls_mp4.packagers.fmp4.encryption_keys import SYSTEMS
from hls_mp4.packagers.segmenting.presentable import UNSUPPORTED

PLAYREADY = UUID(SYSTEMS["playready"])

_SAMPLE_ENCRYPTION = bytes.fromhex("A2394F525A9B4F14A2446C427C648DF4")
_SUBSAMPLES = 2
_RIGHTS_HEADER = 1
_HEADER = (
    '<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.0.0.0"><DATA>'
    "<PROTECTINFO><KEYLEN>16</KEYLEN><ALGID>AESCTR</ALGID></PROTECTINFO><KID>{kid}</KID></DATA></WRMHEADER>"
)


def piff_box(made: Encrypted) -> bytes:
    """Return PIFF's sample encryption box: what senc holds, under another name."""
    flags = _SUBSAMPLES if made.divided else 0
    return make_box(b"uuid", _SAMPLE_ENCRYPTION, struct.pack(">II", flags, len(made.rows)), *made.rows)


def protection_lines(protection: Protection) -> list[str]:
    """Return the Protection element of a manifest.

    Raises:
        UnsupportedMedia: players of Smooth Streaming could not decrypt it.
    """
    if protection.scheme != CENC:
        raise UnsupportedMedia(f"no {protection.scheme} in Smooth Streaming, only {CENC}", status_hint=UNSUPPORTED)
    told = {UUID(bytes=system.system_id): system.data for system in protection.systems}
    if PLAYREADY not in told:
        if len(protection.keys) > 1:
            raise UnsupportedMedia(
                "two keys, and nothing for PlayReady in the key file that tells of both", status_hint=UNSUPPORTED
            )
        told[PLAYREADY] = playready_object(protection.video.key_id)
    headers = [
        f'<ProtectionHeader SystemID="{str(system).upper()}">{b64encode(data).decode()}</ProtectionHeader>'
        for system, data in told.items()
    ]
    return ["<Protection>", *headers, "</Protection>"]


def playready_object(key_id: bytes) -> bytes:
    """Return a PlayReady object that tells of one key."""
    # Key ids are GUIDs of Windows there: the first three numbers little endian.
    header = _HEADER.format(kid=b64encode(UUID(bytes=key_id).bytes_le).decode()).encode("utf-16-le")
    return struct.pack("<IHHH", 10 + len(header), 1, _RIGHTS_HEADER, len(header)) + header
