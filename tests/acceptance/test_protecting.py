"""Who may see a film: passwords, links that only the site can make, and backends that are asked, on the real daemon."""

from __future__ import annotations

import hashlib
import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import bcrypt
import pytest
import pytest_twisted
import treq
from passlib.hash import apr_md5_crypt, sha256_crypt, sha512_crypt
from treq.response import _Response as Response
from twisted.internet.defer import Deferred, gatherResults

from tests.acceptance.daemon import Daemon, free_port, run
from tests.films import Library
from tests.web.proxying.backends import Backend, Question

SALTED = b64encode(hashlib.sha1(b"open sesame" + b"salt").digest() + b"salt").decode()
HASHES: dict[str, Callable[[], str]] = {
    "bcrypt": lambda: bcrypt.hashpw(b"open sesame", bcrypt.gensalt(10, b"2a")).decode(),
    "htpasswd": lambda: bcrypt.hashpw(b"open sesame", bcrypt.gensalt(5)).decode().replace("$2b$", "$2y$"),
    "apr1": lambda: str(apr_md5_crypt.hash("open sesame")),
    "sha256": lambda: str(sha256_crypt.using(rounds=5000).hash("open sesame")),
    "sha512": lambda: str(sha512_crypt.using(rounds=5000).hash("open sesame")),
    "sha": lambda: "{SHA}" + b64encode(hashlib.sha1(b"open sesame").digest()).decode(),
    "ssha": lambda: "{SSHA}" + SALTED,
    "plain": lambda: "{PLAIN}open sesame",
}

CONFIGURATION = """
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    log_format who '$remote_user "$request" $status $user';
    access_log access.log who;
    server {{
        listen 127.0.0.1:{port};
        mp4_start_key_frame on;
        set $user -;

        location /passwords/ {{
            alias {media}/;
            mp4;
            auth_basic films;
            auth_basic_user_file users;
        }}

        location /changing/ {{
            alias {media}/;
            auth_basic films;
            auth_basic_user_file users-$arg_of;
        }}

        # The examples of nginx's documentation, with films in the place of its files.

        location /s/ {{
            secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri$remote_addr secret";

            if ($secure_link = "") {{
                return 403;
            }}

            if ($secure_link = "0") {{
                return 410;
            }}

            alias {media}/;
            mp4;
        }}

        location /p/ {{
            secure_link_secret secret;

            if ($secure_link = "") {{
                return 403;
            }}

            rewrite ^ /secure/$secure_link;
        }}

        location /secure/ {{
            internal;
            alias {media}/;
            mp4;
        }}

        location /private/ {{
            auth_request /auth;
            auth_request_set $user $upstream_http_x_user;
            alias {media}/;
            mp4;
        }}

        location = /auth {{
            proxy_pass http://127.0.0.1:{backend}/check;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URI $request_uri;
        }}

        location /away/ {{
            auth_request /away;
            alias {media}/;
        }}

        location = /away {{
            proxy_pass http://127.0.0.1:{away};
        }}
    }}
}}
"""


@dataclass
class Site:
    """A daemon with films that are not for everybody, and the backend that it asks."""

    daemon: Daemon
    backend: Backend
    away: int

    @property
    def folder(self) -> Path:
        """Where its user files are."""
        return self.daemon.folder


@pytest.fixture(scope="module")
def site(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One daemon for all tests here."""
    films.data("h264")
    folder, port, away, backend = tmp_path_factory.mktemp("protecting"), free_port(), free_port(), Backend()
    places = {"port": port, "away": away, "backend": backend.listen(), "media": films.directory}
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(**places), encoding="utf-8")
    daemon = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield Site(daemon, backend, away)
    daemon.stop()
    pytest_twisted.blockon(Deferred.fromCoroutine(backend.stop()))


async def ask(daemon: Daemon, path: str, user: str = "", **headers: str) -> tuple[Response, bytes]:
    """Return a response and its body."""
    auth = tuple(user.split(":")) if user else None
    response = await treq.get(
        daemon.url + path, auth=auth, headers=headers, persistent=False, allow_redirects=False, timeout=30
    )
    return response, await response.content()


def begins(film: bytes) -> tuple[float, float]:
    """Return the duration of a film and the time of the first frame that it decodes to, in seconds."""
    with av.open(io.BytesIO(film)) as container:
        frame = next(container.decode(video=0))
        assert container.duration is not None
        return container.duration / av.time_base, float(frame.time or 0)


async def seeks(daemon: Daemon, path: str, user: str = "", **headers: str) -> None:
    """Check that a player can seek: a clip comes, it decodes, and a range of it is a part of it."""
    mark = "&" if "?" in path else "?"
    response, clip = await ask(daemon, f"{path}{mark}start=4&end=8", user, **headers)
    assert response.code == 200
    duration, first = begins(clip)
    assert 3.5 < duration < 4.5
    assert first < 0.5
    response, part = await ask(daemon, f"{path}{mark}start=4&end=8", user, Range="bytes=1000-1999", **headers)
    assert (response.code, part) == (206, clip[1000:2000])


@pytest_twisted.ensureDeferred
async def test_passwords_of_every_kind(site: Site, films: Library) -> None:
    """Whatever a user file was written with, its users can play and seek, and nobody else can."""
    daemon, film = site.daemon, "/passwords/h264.mp4"
    (site.folder / "users").write_text("".join(f"{name}:{made()}\n" for name, made in HASHES.items()))
    for name in HASHES:
        response, body = await ask(daemon, film, f"{name}:open sesame")
        assert (response.code, body) == (200, films.data("h264")), name
        await seeks(daemon, film, f"{name}:open sesame")
        for wrong in (f"{name}:open sesam", f"{name}:"):
            response, body = await ask(daemon, f"{film}?start=4", wrong)
            assert response.code == 401, name
            assert response.headers.getRawHeaders("WWW-Authenticate") == ['Basic realm="films"']
            assert len(body) < 1000
        assert "[error]" in daemon.logged(f'user "{name}": password mismatch')
    assert (await ask(daemon, film, "nobody:open sesame"))[0].code == 401
    assert daemon.logged(f'user "nobody" was not found in "{site.folder}/users"')
    assert (await ask(daemon, film))[0].code == 401
    assert "[info]" in daemon.logged("no user/password was provided for basic authentication")
    assert daemon.logged(f'sha "GET {film} HTTP/1.1" 200 -', "access.log")


@pytest_twisted.ensureDeferred
async def test_a_user_file_that_changes(site: Site) -> None:
    """Who is taken out of the file stays out from then on, and who is put in need not wait for a restart."""
    daemon, film, users = site.daemon, "/changing/h264.mp4?of=ann", site.folder / "users-ann"
    users.write_text(f"ann:{HASHES['htpasswd']()}\n")
    assert (await ask(daemon, film, "ann:open sesame"))[0].code == 200
    users.write_text("bob:{PLAIN}open sesame\nann:what?\n")
    assert (await ask(daemon, film, "ann:open sesame"))[0].code == 401
    assert (await ask(daemon, film, "bob:open sesame"))[0].code == 200
    assert daemon.logged(f'"{users}" line 2 cannot be used: it is in a format that is not known')
    users.unlink()
    assert (await ask(daemon, film, "bob:open sesame"))[0].code == 403
    assert daemon.logged(f'open() "{users}" failed (2: No such file or directory)')


@pytest_twisted.ensureDeferred
async def test_a_hash_that_would_take_a_day(site: Site) -> None:
    """bcrypt of cost 31 is refused, not tried: others are served meanwhile, and the log says which line it is."""
    (site.folder / "users-eve").write_text(f"eve:$2y$31${'a' * 53}\nann:{HASHES['bcrypt']()}\n")
    users = ("eve:x", "eve:y", "ann:open sesame")
    asking = (Deferred.fromCoroutine(ask(site.daemon, "/changing/h264.mp4?of=eve", user)) for user in users)
    assert [response.code for response, _ in await gatherResults(asking)] == [401, 401, 200]
    assert site.daemon.logged("line 1 cannot be used: its bcrypt cost 31 is not between 4 and 15")


@pytest_twisted.ensureDeferred
async def test_links_that_only_the_site_can_make(site: Site, films: Library) -> None:
    """Links made as nginx's documentation makes them: they hold for a film and every seek in it, until they expire."""
    daemon = site.daemon

    def link(film: str, expires: int) -> str:
        digest = hashlib.md5(f"{expires}/s/{film}127.0.0.1 secret".encode()).digest()
        token = b64encode(digest).decode().translate(str.maketrans("+/", "-_", "="))
        return f"/s/{film}?md5={token}&expires={expires}"

    right = link("h264.mp4", 2147483647)
    assert (await ask(daemon, right))[1] == films.data("h264")
    await seeks(daemon, right)
    assert (await ask(daemon, link("h264.mp4", 1000000000) + "&start=4"))[0].code == 410
    for wrong in (right.replace("h264", "hevc"), right + "8", right[:-1], "/s/h264.mp4", "/s/h264.mp4?md5="):
        assert (await ask(daemon, wrong))[0].code == 403


@pytest_twisted.ensureDeferred
async def test_links_of_the_older_kind(site: Site, films: Library) -> None:
    """The hash of a link stands in its path; a seek needs no hash of its own."""
    digest = hashlib.md5(b"h264.mp4secret").hexdigest()
    assert (await ask(site.daemon, f"/p/{digest}/h264.mp4"))[1] == films.data("h264")
    await seeks(site.daemon, f"/p/{digest}/h264.mp4")
    assert (await ask(site.daemon, f"/p/{digest}/hevc.mp4"))[0].code == 403
    assert (await ask(site.daemon, "/secure/h264.mp4"))[0].code == 404


@pytest_twisted.ensureDeferred
async def test_a_backend_says_who_may_come_in(site: Site, films: Library) -> None:
    """It is asked for each request, with the viewer's cookies; the log knows what it called the viewer."""
    daemon, film, authority = site.daemon, "/private/h264.mp4", site.backend.authority

    def decide(question: Question) -> int:
        return {"session=ann": 200, "session=eve": 403}.get(question.headers.get("cookie", ""), 401)

    authority.decide = decide
    authority.sent = [("X-User", "ann of marketing"), ("WWW-Authenticate", "Cookie")]
    assert (await ask(daemon, film, Cookie="session=ann"))[1] == films.data("h264")
    await seeks(daemon, film, Cookie="session=ann")
    assert (await ask(daemon, f"{film}?start=4", Cookie="session=eve"))[0].code == 403
    response, body = await ask(daemon, f"{film}?start=4")
    assert response.code == 401
    assert response.headers.getRawHeaders("WWW-Authenticate") == ["Cookie"]
    assert len(body) < 1000
    assert {question.uri for question in authority.asked} == {"/check"}
    assert f"{film}?start=4&end=8" in [question.headers["x-original-uri"] for question in authority.asked]
    assert daemon.logged(f'"GET {film} HTTP/1.1" 200 ann of marketing', "access.log")
    assert (await ask(daemon, "/auth", Cookie="session=ann"))[0].code == 404


@pytest_twisted.ensureDeferred
async def test_a_backend_that_is_away(site: Site) -> None:
    """Nobody comes in, and one line says which backend it is and why; everything else is served."""
    assert (await ask(site.daemon, "/away/h264.mp4?start=4"))[0].code == 500
    reason = "connect() failed (111: Connection refused) while connecting to upstream"
    line = site.daemon.logged(f'{reason}, upstream: "http://127.0.0.1:{site.away}/away"')
    assert 'request: "GET /away/h264.mp4?start=4 HTTP/1.1"' in line
    assert [one for one in site.daemon.lines() if "/away/h264.mp4?start=4" in one] == [line]


def test_a_proxy_for_films_is_refused(tmp_path: Path) -> None:
    """A configuration that would pass films on does not start, and says why and where."""
    config = tmp_path / "mp4stream.conf"
    config.write_text("http {\n server {\n listen 8000;\n location / {\n proxy_pass http://127.0.0.1:81;\n }\n }\n}\n")
    refused = run("-n", "mp4stream", "--config", str(config), cwd=tmp_path)
    assert refused.returncode == 1
    assert f'{config}:5: "proxy_pass" directive: proxy_pass serves auth_request subrequests only' in refused.stderr
