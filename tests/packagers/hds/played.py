"""A presentation as a client of HDS walks through it: manifest, bootstrap, every fragment, one FLV file of all."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from hls_mp4.containers.f4f.abst import Abst
from hls_mp4.interfaces import Delivery
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.module import HdsModule
from hls_mp4.packagers.hds.settings import HdsSettings
from tests.packagers.fmp4.played import rendered

FILE_HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
SPACE = "{http://ns.adobe.com/f4m/1.0}"


@dataclass(frozen=True)
class Tag:
    """A tag of a fragment, read without any code of ours."""

    kind: int
    time: int
    payload: bytes

    @property
    def is_header(self) -> bool:
        """Whether it configures a decoder."""
        return self.payload[1:2] == b"\0" and (self.kind == 9 or self.payload[0] >> 4 == 10)

    @property
    def sample(self) -> bytes:
        """The sample in it."""
        if self.kind == 9:
            return self.payload[5:]
        return self.payload[2:] if self.payload[0] >> 4 == 10 else self.payload[1:]

    @property
    def shift(self) -> int:
        """Composition offset of a picture."""
        return int.from_bytes(self.payload[2:5], "big", signed=True)


def tags_of(body: bytes) -> list[Tag]:
    """Return the tags of a fragment: one box, and every tag as long as it says at both ends."""
    assert int.from_bytes(body[:4], "big") == len(body)
    assert body[4:8] == b"mdat"
    found, at = [], 8
    while at < len(body):
        size = int.from_bytes(body[at + 1 : at + 4], "big")
        time = int.from_bytes(body[at + 7 : at + 8] + body[at + 4 : at + 7], "big")
        assert body[at + 8 : at + 11] == bytes(3)
        end = at + 11 + size
        assert int.from_bytes(body[end : end + 4], "big") == size + 11
        found.append(Tag(body[at], time, body[at + 11 : end]))
        at = end + 4
    assert at == len(body)
    return found


@dataclass(frozen=True)
class ToldMedia:
    """A media of a manifest."""

    url: str
    attributes: dict[str, str]
    bootstrap: Abst
    metadata: bytes

    def fragment(self, number: int) -> str:
        """Return the URL of a fragment, as clients put it together."""
        path, _, query = self.url.partition("?")
        return f"{path}Seg1-Frag{number}" + (f"?{query}" if query else "")


def medias_of(manifest: str) -> list[ToldMedia]:
    """Return what a manifest tells of."""
    root = ElementTree.fromstring(manifest)
    assert root.tag == f"{SPACE}manifest"
    assert manifest.index("<manifest") < 200
    bootstraps = {}
    for each in root.iter(f"{SPACE}bootstrapInfo"):
        assert each.get("profile") == "named"
        bootstraps[each.get("id")] = Abst.parse(b64decode(each.text or ""))
    return [
        ToldMedia(
            each.attrib["url"],
            dict(each.attrib),
            bootstraps[each.attrib["bootstrapInfoId"]],
            b64decode(each.findtext(f"{SPACE}metadata") or ""),
        )
        for each in root.iter(f"{SPACE}media")
    ]


def answered(presentation: Presentation, name: str) -> Delivery:
    """Return what the module answers for a name."""
    module, settings = HdsModule(), HdsSettings(enabled=True)
    match = module.match(name, b"", settings)
    assert match is not None, name
    module.takes_long(presentation, match, settings)
    return module.respond(presentation, match, settings, 0.0)


def manifest_of(presentation: Presentation, name: str = "manifest.f4m") -> str:
    """Return a manifest."""
    return rendered(answered(presentation, name).plan).decode()


def walked(media: ToldMedia, fetch: Callable[[str], bytes]) -> list[bytes]:
    """Return every fragment of a media, as many as its bootstrap says."""
    (table,) = media.bootstrap.segments
    return [fetch(media.fragment(number)) for number in range(1, table.fragments + 1)]


def joined(bodies: list[bytes]) -> bytes:
    """Return fragments as one FLV file."""
    return FILE_HEADER + b"".join(body[8:] for body in bodies)


def fragments_of(presentation: Presentation, media: int = 0) -> list[bytes]:
    """Return the fragments of a media."""
    told = medias_of(manifest_of(presentation))[media]
    return walked(told, lambda url: rendered(answered(presentation, url.partition("?")[0]).plan))
