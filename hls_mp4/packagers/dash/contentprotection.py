"""ContentProtection (ISO/IEC 23009-1 5.8.4.1, ISO/IEC 23001-7 11): which scheme and key, and what key systems are told.

ClearKey is that of the DASH Industry Forum (IOP part 6, 6.2): keys are fetched as JSON from a URL that anybody may ask,
by players that ask with GET, or are configured with what it says. It is offered where a location says so.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from uuid import UUID

from hls_mp4.media.protection import Key, KeySystem, Protection
from hls_mp4.packagers.dash.query import QUERY
from hls_mp4.packagers.dash.xml import Element, Raw
from hls_mp4.packagers.fmp4.encryption_keys import SYSTEMS

SCHEME = "urn:mpeg:dash:mp4protection:2011"
CLEAR_KEY = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
KEYS_URL = "clearkey.json"

_NAMES = {UUID(value).bytes: name for name, value in SYSTEMS.items()}
_TITLES = {"widevine": "Widevine", "playready": "MSPR 2.0", "fairplay": "FairPlay", "marlin": "MarlinBB"}
_PLAYREADY = "playready"


def content_protection(protection: Protection, kind: str) -> list[Element]:
    """Return the elements of an adaptation set of a kind of rendition."""
    key = protection.key_of(kind)
    told = [
        Element(
            "ContentProtection",
            {"schemeIdUri": SCHEME, "value": protection.scheme, "cenc:default_KID": str(UUID(bytes=key.key_id))},
        )
    ]
    told += [_told(system) for system in protection.systems]
    if protection.clear_key:
        url = Element("dashif:Laurl", {}, text=Raw(f"{KEYS_URL}{QUERY}"))
        told.append(Element("ContentProtection", {"schemeIdUri": CLEAR_KEY, "value": "ClearKey1.0"}, [url]))
    return told


def _told(system: KeySystem) -> Element:
    name = _NAMES.get(system.system_id, "")
    children = [Element("cenc:pssh", {}, text=b64encode(system.box).decode())]
    if name == _PLAYREADY:
        children.append(Element("mspr:pro", {}, text=b64encode(system.data).decode()))
    uuid = f"urn:uuid:{UUID(bytes=system.system_id)}"
    return Element("ContentProtection", {"schemeIdUri": uuid, "value": _TITLES.get(name)}, children)


def key_set(protection: Protection) -> bytes:
    """Return the keys as a JSON Web Key Set (W3C Encrypted Media Extensions 9.1.4)."""
    keys = [{"kty": "oct", "kid": _coded(key.key_id), "k": _coded(key.key)} for key in _distinct(protection)]
    return json.dumps({"keys": keys, "type": "temporary"}, separators=(",", ":")).encode() + b"\n"


def _distinct(protection: Protection) -> list[Key]:
    return list({key.key_id: key for key in protection.keys}.values())


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
