"""Directives of encryption, and what they do to a location."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from hls_mp4.web.encrypting import DrmSettings, read_protection
from tests.films import Library
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, packets
from tests.web.films.shelf import ask, filled, listening
from tests.web.harness import Served

Serve = Callable[..., Served]

SERVER = (
    "location / { dash; hls; smooth; hds; drm_key_file keys.json; segment_duration 2s; }"
    " location /open/ { alias %s/; dash; drm_key_file keys.json; drm_scheme cbcs; drm_clear_key on;"
    " dash_profile on-demand; }"
)


def keyed(root: Path, films: Library) -> None:
    """Put films and a key file into a folder."""
    filled(root, films)
    (root / "keys.json").write_text(json.dumps({"key_id": KEY_ID, "key": KEY}))


def test_nothing_is_encrypted_unasked() -> None:
    """Off, and with the scheme that most players know."""
    assert (DrmSettings().key_file, DrmSettings().scheme, DrmSettings().clear_key) == (None, "cenc", False)


def test_a_key_file_is_read(tmp_path: Path) -> None:
    """With the scheme of its location."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"key_id": KEY_ID, "key": KEY}))
    told = read_protection(DrmSettings(key_file=str(path), scheme="cbcs", clear_key=True))
    assert (told.scheme, told.clear_key, told.video.key.hex()) == ("cbcs", True, KEY)


@pytest_twisted.ensureDeferred
async def test_segments_are_opened_with_the_key_alone(serve: Serve, root: Path, films: Library) -> None:
    """Read before they are sent, and told by a length; another scheme is another body."""
    keyed(root, films)
    site = serve(SERVER % root)
    status, headers, init = await ask(site, "/film.mp4/init-v1.mp4")
    assert (status, b"encv" in init) == (200, True)
    status, headers, segment = await ask(site, "/film.mp4/fragment-2-v1.m4s")
    assert (status, headers["content-length"]) == (200, str(len(segment)))
    assert len(packets(init + segment, KEY)) == 50
    status, headers, other = await ask(site, "/open/film.mp4/fragment-2-v1.m4s")
    assert status == 200
    assert other != segment


@pytest_twisted.ensureDeferred
async def test_what_does_not_encrypt_sends_nothing(serve: Serve, root: Path, films: Library) -> None:
    """No format gives away what another one hides; the log says what is missing."""
    keyed(root, films)
    site = serve(SERVER % root)
    with listening() as told:
        status, _, _ = await ask(site, "/film.mp4/manifest.f4m")
    assert status == 500
    assert any("hds does not encrypt" in line for line in told)


@pytest_twisted.ensureDeferred
async def test_keys_are_given_where_that_is_wanted(serve: Serve, root: Path, films: Library) -> None:
    """As a JSON Web Key Set; elsewhere there is none."""
    keyed(root, films)
    site = serve(SERVER % root)
    assert (await ask(site, "/film.mp4/clearkey.json"))[0] == 404
    status, headers, body = await ask(site, "/open/film.mp4/clearkey.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body)["keys"][0]["kty"] == "oct"
    _, _, manifest = await ask(site, "/open/film.mp4/manifest.mpd")
    assert b"clearkey.json" in manifest
    assert b"isoff-live" in manifest
