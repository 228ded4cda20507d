"""What a manifest says of encryption."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from dataclasses import replace
from fractions import Fraction

import av
import pytest

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.dash.contentprotection import CLEAR_KEY, SCHEME, key_set
from tests.films import Library, frame_number
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.dash.player import offset_of
from tests.packagers.dash.saved import NAMESPACE, answered, body_of, offered, parsed
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, finished, packets, protection
from tests.packagers.fmp4.played import rendered

CENC = "{urn:mpeg:cenc:2013}"
WIDEVINE, PLAYREADY = "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed", "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95"


def locked(films: Library, name: str = "h264", scheme: str = "cenc", **members: object) -> Presentation:
    """Return the presentation of a film that is to be encrypted."""
    presentation = presented(films.data(name))
    presentation.protection = protection(scheme, **members)
    return presentation


def fetched(presentation: Presentation, url: str) -> bytes:
    """Return a body, whatever has to be read for it first."""
    made = answered(presentation, url)
    return rendered((finished(made) if hasattr(made, "send") else made).plan)


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
@pytest.mark.parametrize("name", ["h264", "hevc"])
def test_a_player_with_the_key_shows_the_film(films: Library, name: str, scheme: str) -> None:
    """The way a player goes: manifest, init segment, segments; the samples it opens are the film's."""
    presentation = locked(films, name, scheme)
    plain = presented(films.data(name))
    for each in offered(body_of(presentation, "manifest.mpd").decode()):
        data = fetched(presentation, each.init) + b"".join(fetched(presentation, one.url) for one in each.segments)
        open_init = body_of(plain, each.init)
        same = open_init + b"".join(body_of(plain, one.url) for one in each.segments)
        assert packets(data, KEY) == packets(same)
        sizes = [len(fetched(presentation, one.url)) * 8 for one in each.segments]
        longest = max(one.end - one.begin for one in each.segments)
        assert max(sizes) <= int(each.attributes["bandwidth"]) * longest * Fraction(101, 100)


def test_the_pictures_are_the_films(films: Library) -> None:
    """Decoded by FFmpeg with the key, to the pixel."""
    presentation = locked(films)
    (video, _) = offered(body_of(presentation, "manifest.mpd").decode())
    data = fetched(presentation, video.init) + b"".join(fetched(presentation, one.url) for one in video.segments)
    original = decode(films.data("h264")).videos[0]
    with av.open(io.BytesIO(data), options={"decryption_key": KEY}) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == len(original)
    for frame, picture in zip(frames, original, strict=True):
        pixels = frame.to_ndarray(format="yuv420p")
        assert frame_number(pixels[:120]) == picture.number
        assert (pixels == picture.pixels).all()
        assert abs(frame.pts * frame.time_base - offset_of(video) - picture.time) < 0.002


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
def test_key_systems_are_told(films: Library, scheme: str) -> None:
    """Scheme and key id, and a pssh box for each; PlayReady's own element too. Each set has its own key."""
    pssh = {"widevine": b64encode(b"wide").decode(), "playready": b64encode(b"ready").decode()}
    presentation = locked(films, scheme=scheme, pssh=pssh, audio={"key_id": "aa" * 16, "key": "bb" * 16})
    root = parsed(body_of(presentation, "manifest.mpd").decode())
    for adaptation, key_id in zip(root.iter(f"{NAMESPACE}AdaptationSet"), (KEY_ID, "aa" * 16), strict=True):
        general, widevine, playready = adaptation.findall(f"{NAMESPACE}ContentProtection")
        assert general.attrib["schemeIdUri"] == SCHEME
        assert general.attrib["value"] == scheme
        assert general.attrib[f"{CENC}default_KID"].replace("-", "") == key_id
        assert (widevine.attrib["schemeIdUri"], playready.attrib["schemeIdUri"]) == (WIDEVINE, PLAYREADY)
        box = b64decode(widevine.findtext(f"{CENC}pssh") or "")
        assert box[4:8] == b"pssh"
        assert box.endswith(b"wide")
        assert b64decode(playready.findtext("{urn:microsoft:playready}pro") or "") == b"ready"
        kinds = [child.tag.removeprefix(NAMESPACE) for child in adaptation]
        assert kinds.index("ContentProtection") < kinds.index("Role")


def test_clear_keys_are_offered_where_they_are_given(films: Library) -> None:
    """The element leads to a JSON Web Key Set; where they are not given there is neither."""
    presentation = locked(films, audio={"key_id": "aa" * 16, "key": "bb" * 16})
    assert CLEAR_KEY not in body_of(presentation, "manifest.mpd").decode()
    with pytest.raises(NotFound):
        answered(presentation, "clearkey.json")
    assert presentation.protection is not None
    presentation.protection = replace(presentation.protection, clear_key=True)
    presentation.forward = "token=1&x=2"
    root = parsed(body_of(presentation, "manifest.mpd").decode())
    urls = [element.text for element in root.iter("{https://dashif.org/CPS}Laurl")]
    assert urls == ["clearkey.json?token=1&x=2"] * 2
    told = json.loads(key_set(presentation.protection))
    assert told["type"] == "temporary"
    keys = {
        urlsafe_b64decode(key["kid"] + "==").hex(): urlsafe_b64decode(key["k"] + "==").hex() for key in told["keys"]
    }
    assert keys == {KEY_ID: KEY, "aa" * 16: "bb" * 16}
    delivery = answered(presentation, "clearkey.json")
    assert (delivery.content_type, delivery.cache) == ("application/json", "key")


def test_what_is_not_encrypted_says_nothing(films: Library) -> None:
    """No elements, no namespaces."""
    text = body_of(presented(films.data("h264")), "manifest.mpd").decode()
    assert "ContentProtection" not in text
    assert "cenc" not in text


def test_what_cannot_be_encrypted_is_left_out(films: Library) -> None:
    """AV1 is not sent in the clear beside sound that is encrypted; one file for a rendition is not offered."""
    presentation = locked(films, "av1")
    delivery = answered(presentation, "manifest.mpd", profile="on-demand")
    assert "cannot be encrypted" in delivery.complaint
    assert "not on demand" in delivery.complaint
    assert [each.id for each in offered(rendered(delivery.plan).decode())] == ["a1"]
    with pytest.raises(UnsupportedMedia):
        answered(presentation, "init-v1.mp4")
    with pytest.raises(UnsupportedMedia):
        finished(answered(presentation, "fragment-1-v1.m4s"))
    with pytest.raises(NotFound):
        answered(presentation, "a1.mp4", profile="on-demand")


def test_encrypted_bodies_are_other_bodies(films: Library) -> None:
    """No cache takes one for the other, nor for one with another key."""
    variants = set()
    for presentation in (
        presented(films.data("h264")),
        locked(films),
        locked(films, scheme="cbcs"),
        locked(films, key="ff" * 16),
    ):
        made = answered(presentation, "fragment-1-v1.m4s")
        delivery = finished(made) if hasattr(made, "send") else made
        variants.add(delivery.variant)
    assert len(variants) == 4
