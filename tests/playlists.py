"""A strict reader of HLS playlists for tests: what RFC 8216 and its successor (draft-pantos-hls-rfc8216bis) demand.

Players forgive much, each in its own way; this forgives nothing. A tag or an attribute that it does not know is an
error too, so that a slip of the pen is none that players pass over in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_INTEGER, _FLOAT, _SIGNED = r"[0-9]{1,20}", r"[0-9]+(?:\.[0-9]+)?", r"-?[0-9]+(?:\.[0-9]+)?"
_QUOTED, _WORD, _SIZE, _HEX = r'"[^"\r\n]*"', r'[^",\s]+', r"[0-9]+x[0-9]+", r"0[xX][0-9A-Fa-f]+"
_YES = "YES|NO"

_VARIANT = {
    "BANDWIDTH": _INTEGER,
    "AVERAGE-BANDWIDTH": _INTEGER,
    "CODECS": _QUOTED,
    "SUPPLEMENTAL-CODECS": _QUOTED,
    "RESOLUTION": _SIZE,
    "VIDEO-RANGE": "SDR|HLG|PQ",
    "STABLE-VARIANT-ID": _QUOTED,
}
_ATTRIBUTES: dict[str, dict[str, str]] = {
    "EXT-X-STREAM-INF": {
        **_VARIANT,
        **{"FRAME-RATE": _FLOAT, "AUDIO": _QUOTED, "SUBTITLES": _QUOTED, "CLOSED-CAPTIONS": f"{_QUOTED}|NONE"},
    },
    "EXT-X-I-FRAME-STREAM-INF": {**_VARIANT, "URI": _QUOTED},
    "EXT-X-MEDIA": {
        **{"TYPE": "AUDIO|SUBTITLES", "URI": _QUOTED, "GROUP-ID": _QUOTED, "LANGUAGE": _QUOTED, "NAME": _QUOTED},
        **{"DEFAULT": _YES, "AUTOSELECT": _YES, "FORCED": _YES, "CHARACTERISTICS": _QUOTED, "CHANNELS": _QUOTED},
    },
    "EXT-X-MAP": {"URI": _QUOTED, "BYTERANGE": _QUOTED},
    "EXT-X-KEY": {
        **{"METHOD": "NONE|AES-128|SAMPLE-AES|SAMPLE-AES-CTR", "URI": _QUOTED, "IV": _HEX, "KEYFORMAT": _QUOTED},
        "KEYFORMATVERSIONS": _QUOTED,
    },
    "EXT-X-START": {"TIME-OFFSET": _SIGNED, "PRECISE": _YES},
}
_ATTRIBUTES["EXT-X-SESSION-KEY"] = _ATTRIBUTES["EXT-X-KEY"]
_NEEDED = {
    "EXT-X-STREAM-INF": ("BANDWIDTH",),
    "EXT-X-I-FRAME-STREAM-INF": ("BANDWIDTH", "URI"),
    "EXT-X-MEDIA": ("TYPE", "GROUP-ID", "NAME"),
    "EXT-X-MAP": ("URI",),
    "EXT-X-KEY": ("METHOD",),
    "EXT-X-SESSION-KEY": ("METHOD", "URI"),
    "EXT-X-START": ("TIME-OFFSET",),
}
_VALUES = {
    "EXT-X-VERSION": r"[1-9][0-9]?",
    "EXT-X-TARGETDURATION": _INTEGER,
    "EXT-X-MEDIA-SEQUENCE": _INTEGER,
    "EXT-X-PLAYLIST-TYPE": "VOD",
    "EXTINF": rf"{_FLOAT},[^\r\n]*",
    "EXT-X-BYTERANGE": r"[0-9]+(?:@[0-9]+)?",
}
_BARE = ("EXTM3U", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY")
_OF_MASTER = {"EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA", "EXT-X-SESSION-KEY"}
_OF_MEDIA = {
    *("EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXTINF", "EXT-X-BYTERANGE"),
    *("EXT-X-MAP", "EXT-X-KEY", "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY"),
}
_ONCE = {
    *("EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-TARGETDURATION"),
    *("EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST", "EXT-X-I-FRAMES-ONLY"),
}
_PAIR = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^",]*)(?:,(?=[A-Z])|$)')


@dataclass
class Playlist:
    """What a playlist says.

    Args:
        tags: (name, value) of every tag, in order.
        attributes: (tag, attributes without quotes), in order.
        uris: of the lines that are one.
        durations: of the segments, in seconds.
    """

    tags: list[tuple[str, str]] = field(default_factory=list)
    attributes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """Return the value of a tag that is there once at most."""
        return dict(self.tags).get(name)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of each tag of a name."""
        return [found for name, found in self.attributes if name == tag]

    @property
    def named(self) -> list[str]:
        """Every URL in it, each once."""
        inside = [found["URI"] for _, found in self.attributes if "URI" in found]
        return list(dict.fromkeys([*self.uris, *inside]))


def read_playlist(body: bytes) -> Playlist:
    """Return what a playlist says.

    Raises:
        AssertionError: it breaks a rule.
    """
    text = body.decode("utf-8")
    assert "\r" not in text.replace("\r\n", "\n")
    assert text.endswith("\n")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", text.replace("\r\n", "\n")), "control characters"
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    found = Playlist()
    behind = ""
    for line in lines:
        if line.startswith("#EXT"):
            name, _, value = line[1:].partition(":")
            assert behind != "EXT-X-STREAM-INF", "a variant without its URI"
            _check(name, value, found)
            behind = name
        elif line and not line.startswith("#"):
            assert not re.search(r'[\s"<>\\^`{|}]', line), line
            assert behind in ("EXT-X-STREAM-INF", "EXTINF", "EXT-X-BYTERANGE", "EXT-X-KEY", "EXT-X-MAP"), line
            found.uris.append(line)
            behind = ""
    names = [name for name, _ in found.tags]
    for name in _ONCE:
        assert names.count(name) <= 1, name
    assert not (_OF_MASTER & set(names) and _OF_MEDIA & set(names)), "tags of both kinds"
    (_master if _OF_MASTER & set(names) else _media)(found, names)
    return found


def _check(name: str, value: str, found: Playlist) -> None:
    found.tags.append((name, value))
    if name in _BARE:
        assert value == "", name
    elif name in _VALUES:
        assert re.fullmatch(_VALUES[name], value), f"{name}:{value}"
        if name == "EXTINF":
            found.durations.append(float(value.partition(",")[0]))
    else:
        assert name in _ATTRIBUTES, f"unknown tag {name}"
        assert "".join(match[0] for match in _PAIR.finditer(value)) == value, f"{name}:{value}"
        pairs = _PAIR.findall(value)
        assert len(dict(pairs)) == len(pairs), f"{name}: an attribute twice"
        for key, given in pairs:
            assert re.fullmatch(_ATTRIBUTES[name].get(key, "(?!)"), given), f"{name} {key}={given}"
        assert all(needed in dict(pairs) for needed in _NEEDED[name]), value
        found.attributes.append((name, {key: given.strip('"') for key, given in pairs}))


def _master(found: Playlist, names: list[str]) -> None:
    variants, media = found.all("EXT-X-STREAM-INF"), found.all("EXT-X-MEDIA")
    assert len(variants) == len(found.uris) > 0
    for group, kind in (("AUDIO", "AUDIO"), ("SUBTITLES", "SUBTITLES")):
        there = {one["GROUP-ID"] for one in media if one["TYPE"] == kind}
        assert all(variant[group] in there for variant in variants if group in variant)
    for variant in variants:
        assert int(variant.get("AVERAGE-BANDWIDTH", 0)) <= int(variant["BANDWIDTH"])
        assert variant.get("CODECS")
    titles = [(one["TYPE"], one["GROUP-ID"], one["NAME"]) for one in media]
    assert len(set(titles)) == len(titles), "two of a name in a group"
    for one in media:
        assert one["TYPE"] != "SUBTITLES" or "URI" in one
        assert one["TYPE"] == "SUBTITLES" or "FORCED" not in one
        assert one.get("DEFAULT") != "YES" or one.get("AUTOSELECT", "YES") == "YES"
    defaults = [(one["TYPE"], one["GROUP-ID"]) for one in media if one.get("DEFAULT") == "YES"]
    assert len(set(defaults)) == len(defaults), "two defaults in a group"


def _media(found: Playlist, names: list[str]) -> None:
    target = found.value("EXT-X-TARGETDURATION")
    assert target is not None
    assert len(found.durations) == len(found.uris) > 0
    assert all(duration > 0 for duration in found.durations)
    assert max(int(duration + 0.5) for duration in found.durations) <= int(target)
    assert found.value("EXT-X-ENDLIST") == ""
    assert names[-1] == "EXT-X-ENDLIST"
    version = int(found.value("EXT-X-VERSION") or 1)
    iframes = "EXT-X-I-FRAMES-ONLY" in names
    assert version >= 3, "EXTINF with decimals"
    assert version >= 4 or not (iframes or "EXT-X-BYTERANGE" in names)
    assert version >= (5 if iframes else 6) or "EXT-X-MAP" not in names
    assert all(version >= 5 or not {"KEYFORMAT", "KEYFORMATVERSIONS"} & set(key) for key in found.all("EXT-X-KEY"))
    assert version >= 2 or not any("IV" in key for key in found.all("EXT-X-KEY"))
