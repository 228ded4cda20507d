"""What the flv module makes of films that are held in memory."""

from __future__ import annotations

from typing import Any

from hls_mp4.interfaces import Asset, Delivery, Needs
from hls_mp4.packagers.flv.module import FlvModule
from hls_mp4.packagers.flv.settings import FlvSettings
from hls_mp4.plan import render
from hls_mp4.testing import MemorySource
from tests.containers.flv.indexes import indexed


def answer(data: bytes, query: bytes, **settings: Any) -> Delivery | None:
    """Return what the module answers, from an index of no more than it asks for; None when the file is meant."""
    module = FlvModule()
    configured = FlvSettings(enabled=True, **settings)
    match = module.match(query, configured)
    if match is None:
        return None
    needs = module.needs(match, configured)
    index = None if needs is Needs.NOTHING else indexed(data, samples=needs is Needs.SAMPLES)
    return module.respond(Asset(index, MemorySource(data)), match, configured, 0.0)


def body(data: bytes, query: bytes, **settings: Any) -> bytes:
    """Return the bytes that are sent."""
    delivery = answer(data, query, **settings)
    return data if delivery is None else bytes_of(delivery)


def bytes_of(delivery: Delivery) -> bytes:
    """Return the bytes of an answer."""
    made = render(delivery.plan, lambda source, offset, length: source.data[offset : offset + length])
    assert len(made) == delivery.plan.length
    return made
