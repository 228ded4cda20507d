"""What all connections share is made once."""

from twisted.internet.task import Clock

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


def test_plain_connections_have_no_negotiation() -> None:
    """Only where TLS may choose HTTP/2 is a connection wrapped in the choice."""
    shared = SharedParts(Clock(), (), 0)
    server = VirtualServer((), None)
    site = StreamingSite(ServerTable([server], server), shared)
    assert hasattr(site.buildProtocol(None), "direct")
    site.http2 = True
    assert not hasattr(site.buildProtocol(None), "direct")
