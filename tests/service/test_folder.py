"""The configuration that --root stands for."""

from __future__ import annotations

import pytest

from hls_mp4.config import load_from_text
from hls_mp4.packagers.flv.settings import FlvSettings
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.service.folder import folder_configuration
from hls_mp4.service.settings import ErrorLogSettings, ErrorTarget
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.rules import ContentSettings


@pytest.mark.parametrize("root", ["/srv/films", "/srv/my films", '/srv/a"b', "/srv/a;b{c}#d\\e", "/srv/$host"])
def test_any_folder_can_be_served(root: str) -> None:
    """Blanks, quotes, braces and dollar signs in its name are just its name."""
    config = load_from_text(folder_configuration(root, "127.0.0.1:8080", ("stderr", "notice")), settings_classes())
    (server,) = config.servers
    (location,) = server.locations
    assert location.scope[ContentSettings].place.path == root
    assert [listen.address for listen in server.listens] == ["127.0.0.1:8080"]


def test_films_are_cut_by_the_second() -> None:
    """MP4 and FLV alike, since that is what the links of the pages ask for."""
    config = load_from_text(folder_configuration("/srv", "8080", ("stderr",)), settings_classes())
    scope = config.servers[0].locations[0].scope
    assert scope[Mp4Settings].enabled
    assert (scope[FlvSettings].enabled, scope[FlvSettings].start) == (True, "time")


def test_errors_go_where_they_are_asked_to() -> None:
    """A person who tries a folder sees what happens, from notices on."""
    config = load_from_text(folder_configuration("/srv", "8080", ("/var/e.log", "notice")), settings_classes())
    assert config.main[ErrorLogSettings].targets == (ErrorTarget("/var/e.log", 5),)
