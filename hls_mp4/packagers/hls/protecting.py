"""What playlists say of segments under Common Encryption (RFC 8216bis 4.4.4.4): keys by key system, or in the clear.

cbcs is SAMPLE-AES, cenc is SAMPLE-AES-CTR. Key systems that have no form in HLS are left out.
"""

from __future__ import annotations

from base64 import b64encode
from uuid import UUID

from hls_mp4.media.protection import CBCS, Key, KeySystem, Protection
from hls_mp4.packagers.fmp4.encryption_keys import SYSTEMS
from hls_mp4.packagers.hls.keys import SAMPLE_AES, SAMPLE_AES_CTR, Keys
from hls_mp4.packagers.hls.settings import KEY_NAME

_NAMES = {UUID(value).bytes: name for name, value in SYSTEMS.items()}
_ASSET = b"skd://"


def protection_of(keys: Keys) -> Protection:
    """Return how fragments are encrypted with a key of HLS: SAMPLE-AES is cbcs with a constant vector."""
    assert keys.iv is not None
    key = Key(keys.key_id, keys.key, keys.iv)
    return Protection(CBCS, key, key)


def key_tags(protection: Protection, kind: str, forward: str) -> list[str]:
    """Return the EXT-X-KEY lines of a playlist.

    Args:
        protection: how its segments are encrypted.
        kind: of its rendition.
        forward: query arguments that are carried on to a key of ours.
    """
    method = SAMPLE_AES if protection.scheme == CBCS else SAMPLE_AES_CTR
    key = protection.key_of(kind)
    told = [_told(system, key) for system in protection.systems]
    lines = [f"#EXT-X-KEY:METHOD={method},{attributes}" for attributes in told if attributes]
    if protection.clear_key:
        name = KEY_NAME if len(protection.keys) == 1 else f"encryption-{'a' if kind == 'audio' else 'v'}.key"
        iv = key.iv if protection.scheme == CBCS else None
        lines.append(Keys(method, key.key, iv, name).tag(forward))
    return lines


def _told(system: KeySystem, key: Key) -> str:
    """Return the attributes for a key system, empty where HLS has none."""
    name = _NAMES.get(system.system_id)
    data = b64encode(system.data).decode()
    key_id = f"KEYID=0x{key.key_id.hex().upper()}"
    if name == "widevine":
        uri = f"data:text/plain;base64,{b64encode(system.box).decode()}"
        return f'URI="{uri}",{key_id},KEYFORMAT="urn:uuid:{SYSTEMS[name]}",KEYFORMATVERSIONS="1"'
    if name == "playready":
        uri = f"data:text/plain;charset=UTF-16;base64,{data}"
        return f'URI="{uri}",KEYFORMAT="com.microsoft.playready",KEYFORMATVERSIONS="1"'
    if name == "fairplay" and system.data.startswith(_ASSET) and system.data.isascii() and b'"' not in system.data:
        uri = system.data.decode("ascii").strip()
        return f'URI="{uri}",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"'
    return ""
