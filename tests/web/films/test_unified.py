"""Configurations of Unified Streaming."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.config.loader import load_from_text
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.films.unified import StatusRule, UnifiedSettings, read_status, read_switch, turned_on
from tests.films import Library
from tests.web.films.shelf import ask, body, filled, lines_of
from tests.web.harness import Served

Serve = Callable[..., Served]

DOCUMENTED = r"""
load_module modules/ngx_http_smooth_streaming_module.so;
http {
  usp_license_key /etc/usp-license.key;
  server {
    listen 80;
    client_max_body_size 0;
    location ~ \.[is]sml?/.*$ {
      usp_handle_ism;
      usp_iss_pass_through;
      usp_prefer_static;
      usp_handle_f4f;
      usp_disable_mmap;
      usp_dynamic_time_shift_buffer_depth on;
    }
    location ~ /channels/.*\.[is]sml?/.*$ { root /var/www; usp_handle_ism; }
    location ~* \.[is]sml?$ { limit_except POST { deny all; } usp_handle_ism; }
    location ~ \.(mp4)$ { usp_handle_ism; }
    location ^~ /example/ { usp_skip_rewrite on; usp_handle_ism; }
    location ~ \.(ismv|isma|ismt)$ { deny all; }
    location /proxied/ { ism_proxy_pass http://media.example.com/; s3_secret_key a; s3_access_key b; s3_region c; }
  }
}
"""


def test_the_documented_configuration_loads() -> None:
    """As it stands; what has no effect here is said with its line."""
    config = load_from_text(DOCUMENTED, settings_classes())
    warned = " ".join(problem.message for problem in config.warnings)
    for name in ("usp_license_key", "usp_disable_mmap", "usp_iss_pass_through", "ism_proxy_pass", "s3_region"):
        assert f'"{name}"' in warned
    assert '"usp_dynamic_time_shift_buffer_depth"' in warned
    for name in ("usp_handle_ism", "usp_prefer_static", "usp_skip_rewrite", "usp_handle_f4f"):
        assert name not in warned
    first = config.servers[0].locations[0].scope[UnifiedSettings]
    assert (first.enabled, first.prefer_static, first.f4f, first.skip_rewrite) == (True, True, True, False)
    assert turned_on(first) == {"hls", "dash", "smooth", "hds", "mp4", "f4f"}
    assert turned_on(UnifiedSettings()) == frozenset()


@pytest_twisted.ensureDeferred
async def test_manifests_have_other_names(serve: Serve, root: Path, films: Library) -> None:
    """With any name or none, of a server manifest or of a film; what they name can be had."""
    filled(root, films)
    site = serve(
        f"location / {{ usp_handle_ism; }} location /example/ {{ alias {root}/; usp_skip_rewrite; usp_handle_ism; }}"
    )
    for url in ("/show.ism/.m3u8", "/show.ism/any.m3u8", "/film.mp4/.m3u8"):
        master = await body(site, url)
        folder = url.rpartition("/")[0]
        assert await body(site, f"{folder}/master.m3u8") == master
        for name in lines_of(master):
            assert (await ask(site, f"{folder}/{name}"))[0] == 200
    assert (await ask(site, "/example/show.ism/.m3u8"))[0] == 404
    assert (await ask(site, "/example/show.ism/master.m3u8"))[0] == 200
    assert (await ask(site, "/nothing.ism/.m3u8"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_addresses_that_were_kept_are_found(serve: Serve, root: Path, films: Library) -> None:
    """Tracks by name and bit rate, with and without a number."""
    filled(root, films)
    site = serve("location / { usp_handle_ism; hls_segment_format fmp4; }")
    for theirs, ours in (
        ("show-video_hd=900000.m3u8", "index-f1-v1.m3u8"),
        ("hls/show-video_sd=400000.m4s", "init-f2-v1.mp4"),
        ("hls/show-video_sd=400000-2.m4s", "seg-2-f2-v1.m4s"),
        ("hls/show-audio_eng=64000-2.m4s", "seg-2-f2-a1.m4s"),
    ):
        assert await body(site, f"/show.ism/{theirs}") == await body(site, f"/show.ism/{ours}")
    assert (await ask(site, "/show.ism/show-video_hd=1.m3u8"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_a_film_is_sent_in_parts_too(serve: Serve, root: Path, films: Library) -> None:
    """As clips, by seconds."""
    filled(root, films)
    site = serve(r"location ~ \.mp4$ { usp_handle_ism; }")
    whole = await body(site, "/film.mp4")
    assert whole == (root / "film.mp4").read_bytes()
    assert len(await body(site, "/film.mp4?vbegin=4&vend=6")) < len(whole) / 3


@pytest_twisted.ensureDeferred
async def test_real_files_come_first_where_they_are_to(serve: Serve, root: Path, films: Library) -> None:
    """A folder that is called as a film may hold what was packaged before."""
    filled(root, films)
    (root / "film.mp4.m3u8").write_bytes(b"packaged before")
    for text, found in (("usp_prefer_static on;", True), ("", False)):
        site = serve(f"location / {{ usp_handle_ism; {text} }}")
        assert (await body(site, "/film.mp4.m3u8") == b"packaged before") == found
        assert (await ask(site, "/film.mp4/master.m3u8"))[0] == 200


@pytest_twisted.ensureDeferred
async def test_statuses_are_configured_and_named(serve: Serve, root: Path, films: Library) -> None:
    """A fragment that is not there is refused as its format's players like it; a variable says what happened."""
    filled(root, films)
    site = serve(
        "usp_status hls not_found 410; usp_status iss missing 412; add_header X-Status $usp_status always;"
        f"location / {{ usp_handle_ism; }} location /plain/ {{ alias {root}/; hls; }}"
    )
    for url, status, name in (
        ("/show.ism/master.m3u8", 200, "FMP4_OK"),
        ("/show.ism/seg-99-f1-v1.m4s", 410, "FMP4_FRAGMENT_NOT_FOUND"),
        ("/missing.ism/master.m3u8", 404, "FMP4_NOT_FOUND"),
        ("/broken.mp4/master.m3u8", 500, "FMP4_INTERNAL_ERROR"),
        ("/show.ism/master.m3u8?filter=(x", 400, "FMP4_BAD_REQUEST"),
        ("/plain/film.mp4/master.m3u8", 200, None),
    ):
        code, headers, _ = await ask(site, url)
        assert (code, headers.get("x-status")) == (status, name), url


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["iss", "missing", "412"], StatusRule("iss", "missing", 412)),
        (["SMOOTH", "Not_Available", "503"], StatusRule("iss", "not_available", 503)),
        (["dash", "not_found", "410"], StatusRule("mpd", "not_found", 410)),
    ],
)
def test_a_status_is_of_a_format_and_a_state(words: list[str], rule: StatusRule) -> None:
    """Formats by Unified Streaming's names or ours."""
    assert read_status(words) == rule


@pytest.mark.parametrize(
    "words", [[], ["iss", "missing"], ["x", "missing", "404"], ["iss", "gone", "404"], ["hls", "missing", "200"]]
)
def test_other_statuses_are_refused(words: list[str]) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError, match="invalid"):
        read_status(words)


def test_a_switch_may_stand_alone() -> None:
    """As it does in some of the documentation."""
    assert (read_switch([]), read_switch(["on"]), read_switch(["off"])) == (True, True, False)
    with pytest.raises(ValueError, match="invalid"):
        read_switch(["maybe"])


@pytest_twisted.ensureDeferred
async def test_addresses_of_other_formats(serve: Serve, root: Path, films: Library) -> None:
    """DASH by number or time, HDS and Smooth Streaming by their own names."""
    filled(root, films)
    site = serve("location / { usp_handle_ism; }")
    assert await body(site, "/show.ism/.mpd") == await body(site, "/show.ism/manifest.mpd")
    assert await body(site, "/show.ism/dash/show-video_hd=900000.dash") == await body(site, "/show.ism/init-f1-v1.mp4")
    numbered = await body(site, "/show.ism/fragment-2-f1-v1.m4s")
    assert await body(site, "/show.ism/dash/show-video_hd=900000-2.dash") == numbered
    assert b'Name="video' in await body(site, "/show.ism/Manifest")
    assert b"<manifest" in await body(site, "/show.ism/any.f4m")
