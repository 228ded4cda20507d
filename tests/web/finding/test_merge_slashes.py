"""merge_slashes says whether //a is /a."""

from collections.abc import Callable

import pytest
import pytest_twisted

from hls_mp4.web.finding.merge_slashes import MergeSlashesSettings
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("switch", "path", "uri"),
    [
        ("on", "//a///b//", "/a/b/"),
        ("off", "//a///b//", "//a///b//"),
        ("off", "/a//../b", "/a/b"),
        ("off", "/a%2f/b?x=//", "/a//b"),
        ("off", "/a/%2Fb", "/a//b"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_slashes(serve: Serve, switch: str, path: str, uri: str) -> None:
    """Locations see the URI as it was merged, or as it was sent but for its dots and escapes."""
    assert MergeSlashesSettings().merge
    served = serve(f"merge_slashes {switch}; location / {{ return 200 $uri; }}")
    assert (await ask(served, path))[2].decode() == uri


@pytest_twisted.ensureDeferred
async def test_the_server_that_was_asked_for_is_heard(serve: Serve) -> None:
    """Two servers of one address may differ."""
    show = "location / { return 200 $uri; }"
    served = serve(f"{show} }} server {{ listen 127.0.0.1:0; server_name b; merge_slashes off; {show}")
    client = await served.connect()
    for host, uri in (("a", b"/x"), ("b", b"//x")):
        client.send(b"GET //x HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode())
        assert (await client.answer())[2] == uri
