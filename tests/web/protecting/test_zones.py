"""Zones are written and named as in nginx, and take no more memory than they say."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.protecting.leaky_bucket import RateZone
from hls_mp4.web.protecting.limit_conn import CountZone, LimitConnSettings
from hls_mp4.web.protecting.limit_conn import read_zone as connection_zone
from hls_mp4.web.protecting.limit_req import LimitReqSettings
from hls_mp4.web.protecting.limit_req import read_zone as request_zone
from hls_mp4.web.protecting.zones import Room

ZONES = "limit_req_zone $uri zone=one:1m rate=1r/s; limit_conn_zone $uri zone=two:1m;"


def mistakes(http: str, location: str = "") -> list[str]:
    text = f"http {{ {http}\nserver {{\nlocation / {{ {location} }} }} }}"
    try:
        load_from_text(text, (LimitReqSettings, LimitConnSettings))
    except ConfigErrors as wrong:
        return [str(problem) for problem in wrong.problems]
    return []


@pytest.mark.parametrize(
    ("http", "location", "reason"),
    [
        ("limit_req_zone $uri zone=a:1m;", "", '1: invalid number of arguments in "limit_req_zone" directive'),
        ("limit_req_zone $uri zone=a:1m rate=0r/s;", "", '1: "limit_req_zone" directive: invalid rate "rate=0r/s"'),
        ("limit_req_zone $uri zone=a:1m rate=5r/h;", "", '1: "limit_req_zone" directive: invalid rate "rate=5r/h"'),
        (
            "limit_req_zone $uri zone=a:1k rate=1r/s;",
            "",
            '1: "limit_req_zone" directive: zone "zone=a:1k" is too small',
        ),
        ("limit_req_zone $uri zone=a rate=1r/s;", "", '1: "limit_req_zone" directive: invalid zone size "zone=a"'),
        ("limit_req_zone $uri zone=a:x rate=1r/s;", "", '1: "limit_req_zone" directive: invalid zone size "zone=a:x"'),
        ("limit_req_zone $uri zone=:1m rate=1r/s;", "", '1: "limit_req_zone" directive: must have "zone" parameter'),
        ("limit_req_zone $uri zone=a:1m nope;", "", '1: "limit_req_zone" directive: invalid parameter "nope"'),
        ("limit_req_zone $no zone=a:1m rate=1r/s;", "", '1: "limit_req_zone" directive: unknown "no" variable'),
        (
            "limit_conn_zone $uri zone=a:1m; limit_conn_zone $host zone=a:1m;",
            "",
            '1: "limit_conn_zone" directive: "a" is already bound to key "$uri"',
        ),
        ("limit_conn_zone $uri a;", "", '1: "limit_conn_zone" directive: invalid parameter "a"'),
        ("limit_conn_zone $uri;", "", '1: invalid number of arguments in "limit_conn_zone" directive'),
        (ZONES, "limit_req zone=one burst=0;", '3: "limit_req" directive: invalid burst value "burst=0"'),
        (ZONES, "limit_req zone=one delay=x;", '3: "limit_req" directive: invalid delay value "delay=x"'),
        (ZONES, "limit_req zone=one burst;", '3: "limit_req" directive: invalid parameter "burst"'),
        (ZONES, "limit_req burst=5;", '3: "limit_req" directive: must have "zone" parameter'),
        (
            ZONES,
            "limit_req zone=one burst=1 delay=1 nodelay;",
            '3: invalid number of arguments in "limit_req" directive',
        ),
        (
            ZONES,
            "limit_req zone=three;",
            '3: "limit_req" directive: zero size shared memory zone "three", no limit_req_zone has this name',
        ),
        (
            ZONES,
            "limit_conn one 1;",
            '3: "limit_conn" directive: zero size shared memory zone "one", no limit_conn_zone has this name',
        ),
        (
            ZONES,
            "limit_req zone=one;\nlimit_req zone=one burst=2;",
            '4: "limit_req" directive: is duplicate for zone "one"',
        ),
        (ZONES, "limit_conn two 0;", '3: "limit_conn" directive: invalid number of connections "0"'),
        (ZONES, "limit_conn two 65536;", '3: "limit_conn" directive: connection limit must be less 65536'),
        (ZONES, "limit_conn two;", '3: invalid number of arguments in "limit_conn" directive'),
        (ZONES, "limit_req_status 399;", '3: "limit_req_status" directive: value must be between 400 and 599'),
        (ZONES, "limit_conn_status 600;", '3: "limit_conn_status" directive: value must be between 400 and 599'),
    ],
)
def test_mistakes_are_named_in_nginx_words(http: str, location: str, reason: str) -> None:
    """A limit that would not hold as it is written is an error with its line."""
    assert mistakes(http, location) == [f"mp4stream.conf:{reason}"]


def test_a_wrong_zone_is_the_only_mistake() -> None:
    """Who mistyped a zone is not told besides that its limits name none."""
    (only,) = mistakes("limit_req_zone $uri zone=one:1m rate=fast;", "limit_req zone=one;")
    assert 'invalid rate "rate=fast"' in only


@given(st.lists(st.tuples(st.text(max_size=5), st.booleans())), st.integers(0, 60))
def test_room_is_never_overdrawn(steps: list[tuple[str, bool]], free: int) -> None:
    """What is taken is given back in full, and never more is taken than there is."""
    room = Room(free, 7)
    held: list[str] = []
    for key, take in steps:
        if take and room.take(key):
            held.append(key)
        elif not take and held:
            room.give_back(held.pop())
        assert 0 <= room.free == free - sum(7 + len(each) for each in held)


@pytest.mark.parametrize("kind", ["limit_req", "limit_conn"])
@pytest.mark.parametrize("length", [4, 16, 200])
def test_a_full_zone_takes_no_more_memory_than_its_size(kind: str, length: int) -> None:
    """A flood of clients fills the zone, which is of the size that was written, and no worse."""
    size = 1 << 20
    zone: RateZone | CountZone
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        if kind == "limit_req":
            zone = RateZone(request_zone(["$uri", f"zone=a:{size}", "rate=1r/s"]))
        else:
            zone = CountZone(connection_zone(["$uri", f"zone=a:{size}"]))
        for number in range(20_000):
            key = (number | 1 << 31).to_bytes(length, "big").decode("latin-1")
            if isinstance(zone, CountZone):
                if not zone.enter(key):
                    break
            else:
                assert zone.has_room(key, number + (1 << 40))
                zone.charge(key, 1000 + number, number + (1 << 40))
        del key
        gc.collect()
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert size / 3 < used <= size, f"{len(zone)} states"
