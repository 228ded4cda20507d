"""A body that nobody reads takes no memory."""

from hls_mp4.web.discarded import Discarded


def test_bytes_are_counted_and_dropped() -> None:
    """The length is that of all that came, whatever is done with it besides."""
    body = Discarded()
    for size in (3, 0, 1 << 20):
        body.write(bytes(size))
    body.seek(0)
    body.seek(-1, 2)
    assert body.length == body.tell() == (1 << 20) + 3
    body.close()
    assert Discarded().length == 0
