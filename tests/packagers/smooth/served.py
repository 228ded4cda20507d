"""A presentation as the module serves it, for the client."""

from __future__ import annotations

from typing import Any

from hls_mp4.interfaces import Delivery
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.smooth.module import SmoothModule
from hls_mp4.packagers.smooth.settings import SmoothSettings
from tests.packagers.fmp4.encrypted import finished
from tests.packagers.fmp4.played import rendered
from tests.packagers.smooth.client import Client, unescaped


def answered(presentation: Presentation, url: str, **settings: Any) -> Delivery:
    """Return what the module answers for a URL below the film's."""
    module = SmoothModule()
    configured = SmoothSettings(enabled=True, **settings)
    match = module.match(unescaped(url), b"", configured)
    assert match is not None, url
    made = module.respond(presentation, match, configured, 0.0)
    found = made if isinstance(made, Delivery) else finished(made)
    assert isinstance(found, Delivery)
    return found


def body(presentation: Presentation, url: str, **settings: Any) -> bytes:
    """Return the bytes that a URL leads to."""
    return rendered(answered(presentation, url, **settings).plan)


def client_of(presentation: Presentation, **settings: Any) -> Client:
    """Return a client of a presentation."""
    return Client(lambda url: body(presentation, url, **settings))
