"""The contract suite of delivery modules: ours keeps it, and broken ones are found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from zope.interface import implementer

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.interfaces import Asset, Delivery, IDeliveryModule, IndexLimits, Needs
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.flv.module import FlvModule
from hls_mp4.packagers.flv.settings import FlvSettings
from hls_mp4.packagers.progressive.module import Mp4Module
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Extent, Generated, Literal, Plan
from hls_mp4.testing import DeliveryModuleContract, MemorySource
from tests.films import Library
from tests.flvs import FlvLibrary


def indexed(film: bytes) -> MediaIndex:
    index: MediaIndex = index_bytes(IsobmffFormat().index(len(film), IndexLimits()), film)
    return index


class TestMp4(DeliveryModuleContract):
    """Pseudo-streaming of MP4."""

    settings = Mp4Settings(enabled=True)

    @pytest.fixture(autouse=True)
    def _library(self, films: Library) -> None:
        self.library = films

    def delivery_module(self) -> Any:
        return Mp4Module()

    def enabled_settings(self) -> Any:
        return self.settings

    def films(self) -> Sequence[tuple[MediaIndex, bytes]]:
        data = [self.library.data(name) for name in ("h264", "moov-last", "fragmented", "pcm-mov")]
        return [(indexed(film), film) for film in data]


class TestMp4WithKeyFramesAndPacing(TestMp4):
    """The same with everything switched on."""

    settings = Mp4Settings(enabled=True, start_key_frame=True, limit_rate=1100, past_end="last_key_frame")


class TestFlv(DeliveryModuleContract):
    """Pseudo-streaming of Flash video by bytes."""

    queries = (*DeliveryModuleContract.queries, b"start=1", b"start=50000", b"start=80000&end=3")
    settings = FlvSettings(enabled=True)

    @pytest.fixture(autouse=True)
    def _library(self, flvs: FlvLibrary) -> None:
        self.library = flvs

    def delivery_module(self) -> Any:
        return FlvModule()

    def enabled_settings(self) -> Any:
        return self.settings

    def films(self) -> Sequence[tuple[MediaIndex, bytes]]:
        data = [self.library.data(name) for name in ("h264", "indexed", "hevc", "mp3", "five-hours", "vp6")]
        return [(index_bytes(FlvFormat().index(len(film), IndexLimits()), film), film) for film in data]


class TestFlvByKeyFrames(TestFlv):
    """The same by key frames."""

    settings = FlvSettings(enabled=True, start="keyframe")


class TestFlvByTime(TestFlv):
    """The same by seconds."""

    settings = FlvSettings(enabled=True, start="time", past_end="last_key_frame")


class TestFlvWithMetadata(TestFlv):
    """Bytes of films whose metadata is mended."""

    settings = FlvSettings(enabled=True, metadata=True)


class TestFlvByTimeWithMetadata(TestFlv):
    """Seconds of films whose metadata is mended."""

    settings = FlvSettings(enabled=True, start="time", metadata=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    enabled: bool = False


@implementer(IDeliveryModule)
class Bad:
    """A module that does one thing wrong."""

    name = "bad"
    settings = Settings

    def __init__(self, respond: Callable[[Asset, float], Delivery]) -> None:
        self.answer = respond

    def match(self, query: bytes, settings: Settings) -> bytes | None:
        return query or None

    def serves(self, form: str | None, match: bytes, settings: Settings) -> bool:
        return form == "mp4"

    def needs(self, match: bytes, settings: Settings) -> Needs:
        return Needs.SAMPLES

    def limits(self, settings: Settings) -> IndexLimits:
        return IndexLimits()

    def takes_long(self, index: object, match: bytes, settings: Settings) -> bool:
        """Never."""
        return False

    def respond(self, asset: Asset, match: bytes, settings: Settings, now: float) -> Delivery:
        return self.answer(asset, now)


class BadContract(DeliveryModuleContract):
    """The suite over a module that is bad."""

    def __init__(self, respond: Callable[[Asset, float], Delivery], film: bytes) -> None:
        self.respond = respond
        self.film = film

    def delivery_module(self) -> Any:
        return Bad(self.respond)

    def enabled_settings(self) -> Any:
        return Settings(enabled=True)

    def films(self) -> Sequence[tuple[MediaIndex, bytes]]:
        return [(indexed(self.film), self.film)]


def mangled(start: int, stop: int) -> Any:
    """Yield bytes that depend on which piece is asked for."""
    yield bytes([start % 251]) * (stop - start)


@pytest.mark.parametrize(
    ("test", "respond"),
    [
        ("test_extents_lie_in_the_file", lambda asset, _: Delivery(Plan([Extent(asset.source, 0, 10**9)]))),
        ("test_extents_lie_in_the_file", lambda asset, _: Delivery(Plan([Extent(MemorySource(b"x"), 0, 1)]))),
        ("test_ranges_are_pieces_of_the_whole", lambda *_: Delivery(Plan([Generated(500, mangled)]))),
        ("test_a_variant_stands_for_one_body", lambda *_: Delivery(Plan([Literal(b"other")]))),
        ("test_a_variant_stands_for_one_body", lambda *_: Delivery(Plan([Literal(b"other")]), 'a"b')),
        (
            "test_the_same_request_gets_the_same_answer",
            lambda _, now: Delivery(Plan([Literal(str(now).encode())]), "x"),
        ),
        ("test_headers_and_pace", lambda *_: Delivery(Plan([]), headers=(("X-A", "b\r\nX-C: d"),))),
        ("test_headers_and_pace", lambda *_: Delivery(Plan([]), rate=-1)),
    ],
)
def test_what_a_module_does_wrong_is_found(films: Library, test: str, respond: Any) -> None:
    """Each promise of the contract has a test that fails when it is broken."""
    with pytest.raises(AssertionError):
        getattr(BadContract(respond, films.data("h264")), test)()


def test_a_module_that_answers_nothing_is_found(films: Library) -> None:
    """A suite that tested nothing does not pass."""

    class Silent(BadContract):
        queries = (b"",)

    with pytest.raises(AssertionError, match="no query"):
        Silent(lambda *_: Delivery(Plan([])), films.data("h264")).test_headers_and_pace()
