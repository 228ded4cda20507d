"""What all connections share is made once."""

from types import SimpleNamespace
from typing import Any

from twisted.internet.task import Clock

from hls_mp4.web.channel import StreamingChannel
from hls_mp4.web.http2.connection import Http2Connection
from hls_mp4.web.locations import ServerTable, VirtualServer
from hls_mp4.web.site import SharedParts, StreamingSite


def test_dates_are_formatted_once_a_second() -> None:
    """The Date header is right, and cheap."""
    shared = SharedParts(Clock(), (), 0)
    first = shared.http_date(784111777.2)
    assert first == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert shared.http_date(784111777.9) is first
    assert shared.http_date(784111778.0) == "Sun, 06 Nov 1994 08:49:38 GMT"


def test_what_locations_share_is_made_when_it_is_first_asked_for() -> None:
    """Every location that names a zone counts in the same one."""
    shared = SharedParts(Clock(), (), 0)
    made = shared.once(("zone", "a"), list)
    assert shared.once(("zone", "a"), list) is made
    assert shared.once(("zone", "b"), list) is not made


def test_what_was_agreed_on_decides_who_answers() -> None:
    """HTTP/2 where hands were shaken on it; plain HTTP on an encrypted port is known as such."""
    server = VirtualServer((), SimpleNamespace(of={}))
    site = StreamingSite(ServerTable([server], server), SharedParts(Clock(), (), 0))
    for chosen, answers in ((b"h2", Http2Connection), (b"http/1.1", StreamingChannel), (b"", StreamingChannel)):
        connection: Any = SimpleNamespace(protocol_chosen=chosen)
        found = site.encrypted(connection)
        assert type(found) is answers and found.tls is connection
    assert site.plain_on_tls().plain_on_tls
    plain = site.buildProtocol(None)
    assert plain.tls is None and not plain.plain_on_tls
