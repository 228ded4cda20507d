"""Files of keys: JSON with the content key, and what key systems are to be told.

    {
      "key_id": "0123456789abcdef0123456789abcdef",
      "key":    "00112233445566778899aabbccddeeff",
      "iv":     "...",                                      optional: of cbcs; else it follows from the key id
      "audio":  {"key_id": "...", "key": "...", "iv": ""},  optional: a key of its own for sound
      "pssh":   {"widevine": "base64 ...", "9a04f079-9840-4286-ab92-e65be0885f95": "base64 ..."}
    }

Numbers of 16 bytes are hexadecimal, hyphens allowed, or base64. What stands under "pssh" is a pssh box as license
servers give it, or the data inside one. Everything else in the file is a mistake.
"""

from __future__ import annotations

import json
import struct
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from hls_mp4.containers.isobmff.build import make_full_box
from hls_mp4.media.protection import Key, KeySystem, Protection

SYSTEMS = {
    "widevine": "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",
    "playready": "9a04f079-9840-4286-ab92-e65be0885f95",
    "fairplay": "94ce86fb-07ff-4f43-adb8-93d2fa968ca2",
    "marlin": "5e629af5-38da-4063-8977-97ffbd9902d4",
    "common": "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b",
}
"""Name -> UUID."""

LARGEST = 1 << 20
"""Bytes of a key file, at most."""

_SIXTEEN = 16
_HEAD = struct.Struct(">I4sI16s")


def read_keys(data: bytes, scheme: str, *, clear_key: bool) -> Protection:
    """Return what a key file says.

    Args:
        data: the file.
        scheme: "cenc" or "cbcs".
        clear_key: whether the keys are given to anybody who asks.

    Raises:
        ValueError: it says nothing that could be used; the reason never holds a key.
    """
    if len(data) > LARGEST:
        raise ValueError(f"it is longer than {LARGEST} bytes")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    members = _members(told, "it", ("key_id", "key", "iv", "audio", "pssh"))
    video = _key(members, "")
    audio = video
    if "audio" in members:
        audio = _key(_members(members["audio"], '"audio"', ("key_id", "key", "iv")), "audio.")
        if audio.key_id == video.key_id and audio != video:
            raise ValueError('"audio" has the key id of another key')
    systems = _members(members.get("pssh", {}), '"pssh"', None)
    found = tuple(_system(name, value) for name, value in systems.items())
    if len({each.system_id for each in found}) != len(found):
        raise ValueError('"pssh" has a key system twice')
    return Protection(scheme, video, audio, found, clear_key)


def common_box(key_ids: Iterable[bytes]) -> bytes:
    """Return the pssh box that tells of keys and nothing else (W3C, "cenc" initialization data format, 4)."""
    ids = list(key_ids)
    system = bytes.fromhex(SYSTEMS["common"].replace("-", ""))
    return make_full_box(b"pssh", 1, 0, system, struct.pack(">I", len(ids)), *ids, bytes(4))


def _members(told: Any, what: str, known: tuple[str, ...] | None) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise ValueError(f"{what} is no object")
    for name in told:
        if known is not None and name not in known:
            raise ValueError(f'{what} has an unknown member "{name[:40]}"')
    return told


def _key(members: dict[str, Any], prefix: str) -> Key:
    for name in ("key_id", "key"):
        if name not in members:
            raise ValueError(f'"{prefix}{name}" is missing')
    key_id, key = (_sixteen(members[name], f"{prefix}{name}") for name in ("key_id", "key"))
    iv = _sixteen(members["iv"], f"{prefix}iv") if "iv" in members else sha256(b"iv" + key_id).digest()[:_SIXTEEN]
    return Key(key_id, key, iv)


def _sixteen(text: Any, name: str) -> bytes:
    """Return 16 bytes of text."""
    if isinstance(text, str):
        plain = text.strip().replace("-", "")
        try:
            if len(plain) == 2 * _SIXTEEN:
                return bytes.fromhex(plain)
            found = urlsafe_b64decode(text.strip().translate({43: "-", 47: "_"}).rstrip("=") + "==")
        except ValueError:
            found = b""
        if len(found) == _SIXTEEN:
            return found
    raise ValueError(f'"{name}" is not 16 bytes in hexadecimal or base64')


def _system(name: str, value: Any) -> KeySystem:
    try:
        system_id = bytes.fromhex(SYSTEMS.get(name.lower(), name).replace("-", ""))
    except ValueError:
        system_id = b""
    if len(system_id) != _SIXTEEN:
        raise ValueError(f'"pssh.{name[:40]}" is no key system: {", ".join(SYSTEMS)} or a UUID')
    try:
        data = b64decode("".join(value.split()), validate=True) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if not data:
        raise ValueError(f'"pssh.{name[:40]}" is not base64')
    if data[4:8] != b"pssh":
        return KeySystem(system_id, make_full_box(b"pssh", 0, 0, system_id, struct.pack(">I", len(data)), data), data)
    return KeySystem(system_id, data, _inside(data, system_id, name))


def _inside(box: bytes, system_id: bytes, name: str) -> bytes:
    """Return the data of a pssh box."""
    wrong = ValueError(f'"pssh.{name[:40]}" is a pssh box of something else, or cut short')
    if len(box) < _HEAD.size + 4:
        raise wrong
    size, _, version, system = _HEAD.unpack_from(box)
    at = _HEAD.size
    if version >> 24:
        at += 4 + _SIXTEEN * int.from_bytes(box[at : at + 4], "big")
    length = int.from_bytes(box[at : at + 4], "big")
    if size != len(box) or system != system_id or at + 4 + length != len(box):
        raise wrong
    return box[at + 4 :]
