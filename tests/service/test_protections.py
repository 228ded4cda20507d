"""Files of keys, read at the start; mistakes with the line that names them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.media.protection import Protection
from hls_mp4.service.protections import Protections
from hls_mp4.service.settings_classes import settings_classes

CLASSES = settings_classes()
KEYS = json.dumps({"key_id": "01" * 16, "key": "02" * 16})


def protections(text: str, folder: Path) -> list[Protection | None]:
    """Return how the locations of a server are encrypted."""
    config = load_from_text(f"http {{ server {{\n{text}\n}} }}", CLASSES, prefix=str(folder), name="x.conf")
    made = Protections()
    return [made.of(location.scope) for location in config.servers[0].locations]


def test_each_location_has_its_own_or_that_around_it(tmp_path: Path) -> None:
    """A file is read once for all that say the same; where none is named nothing is encrypted."""
    (tmp_path / "keys.json").write_text(KEYS)
    one, two, three = protections(
        "location /a/ { drm_key_file keys.json; } location /b/ { drm_key_file keys.json; }"
        " location /c/ { drm_key_file keys.json; drm_scheme cbcs; drm_clear_key on; }",
        tmp_path,
    )
    assert one is two is not None
    assert (one.scheme, one.clear_key) == ("cenc", False)
    assert three is not None
    assert (three.scheme, three.clear_key, three.video) == ("cbcs", True, one.video)
    inherited, plain = (
        protections("drm_key_file keys.json; location / { } ", tmp_path),
        protections("location / { }", tmp_path),
    )
    assert inherited[0] is not None
    assert plain == [None]


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), ("{}", '"key_id" is missing'), ("keys", "it is no JSON")]
)
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, content: str | None, reason: str) -> None:
    """Nothing is served unencrypted because of a typing mistake."""
    if content is not None:
        (tmp_path / "keys.json").write_text(content)
    with pytest.raises(ConfigErrors) as caught:
        protections("location / {\n drm_key_file keys.json; }", tmp_path)
    (problem,) = caught.value.problems
    assert str(problem).startswith("x.conf:3: key file")
    assert reason in str(problem)
