"""A proxy_pass stands where only subrequests come to."""

from __future__ import annotations

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.service.settings_classes import settings_classes

OPEN = "proxy_pass serves auth_request subrequests only, so its location has to be internal"


def problems(text: str) -> list[str]:
    """Return what is wrong with the lines of a server."""
    try:
        load_from_text(f"http {{ server {{ listen 8000;\n{text}\n}} }}", settings_classes())
    except ConfigErrors as wrong:
        return [str(problem) for problem in wrong.problems]
    return []


@pytest.mark.parametrize(
    "text",
    [
        "location /a { internal; proxy_pass http://b; }",
        "auth_request /a; location = /a { proxy_pass http://b; }",
        "location / { auth_request /a; } location = /a { proxy_pass http://b/c; }",
        "location / { auth_request /a/b; } location /a/ { proxy_pass http://b; }",
        "location / { auth_request /a/b; location /c { internal; proxy_pass http://b; } } location ~ ^/A { internal;"
        " proxy_pass http://$host/x; }",
        "location / { auth_request /a; } location ~* ^/A { proxy_pass http://unix:/b.sock; }",
    ],
)
def test_places_that_are_right(text: str) -> None:
    """An internal location, and one that an auth_request of the server names."""
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "location /films/ {\nproxy_pass http://b; }",
        "location / {\nproxy_pass http://b; auth_request /a; }",
        "location / { auth_request off; } location = /off {\nproxy_pass http://b; }",
        "location / { auth_request /a; } location = /ab {\nproxy_pass http://b; }",
        "location = /a { internal; } location /b {\nproxy_pass http://b; }",
    ],
)
def test_films_are_not_passed_on(text: str) -> None:
    """A location that clients may ask for is refused with its line, so that nobody waits for films that do not come."""
    assert problems(text) == [f'mp4stream.conf:3: "proxy_pass" directive: {OPEN}']


@pytest.mark.parametrize("url", ["http://b/", "http://b?c", "https://b/c", "http://unix:/b.sock:/"])
@pytest.mark.parametrize("location", ["~ ^/a", "~* a", "@a"])
def test_a_uri_without_a_prefix_to_stand_for(location: str, url: str) -> None:
    """nginx refuses it, and so do we."""
    (problem,) = problems(f"location {location} {{ internal; proxy_pass {url}; }}")
    assert problem.startswith('mp4stream.conf:2: "proxy_pass" cannot have URI part in location given by regular')
