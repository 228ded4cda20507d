"""HTTP/2 is off until it is asked for."""

from hls_mp4.config import load_from_text
from hls_mp4.web.http2.settings import Http2Settings


def test_http_2_is_asked_for_by_a_directive() -> None:
    """In http for all servers, in a server for one; nginx's bound of requests at a time."""
    text = "http { http2_max_concurrent_streams 7; server { http2 on; } server { } }"
    one, other = (server.scope[Http2Settings] for server in load_from_text(text, [Http2Settings]).servers)
    assert (one.enabled, one.streams) == (True, 7)
    assert (other.enabled, other.streams) == (False, 7)
    assert Http2Settings().streams == 128
