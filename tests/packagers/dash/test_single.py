"""Renditions as files of their own."""

from __future__ import annotations

import random

import pytest

from hls_mp4.packagers.dash.carried import carried
from hls_mp4.packagers.dash.single import is_known, single, single_plan
from hls_mp4.plan import Folded, Literal
from tests import boxes
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import body_of, offered
from tests.packagers.fmp4.played import rendered, segments_of


@pytest.mark.parametrize("name", ["h264", "ntsc", "shuffled", "fragmented", "pcm-mov"])
def test_it_is_all_segments_in_a_row(films: Library, name: str) -> None:
    """Byte for byte what they are under URLs of their own; any range of it is that range."""
    presentation = presented(films.data(name))
    chance = random.Random(3)
    for number in range(len(presentation.renditions)):
        member = carried(presentation, number)
        plan = single_plan(presentation, member)
        whole = rendered(plan)
        assert whole == single(presentation, member).head + b"".join(segments_of(presentation, number))
        assert plan.length == len(whole)
        for _ in range(50):
            start, stop = sorted(chance.randint(0, plan.length) for _ in range(2))
            assert rendered(plan.cut(start, stop)) == whole[start:stop]


def test_ranges_of_the_manifest_lead_to_what_they_say(films: Library) -> None:
    """The init segment, and the index, whose references lead from segment to segment."""
    presentation = presented(films.data("ntsc"))
    for each in offered(body_of(presentation, "manifest.mpd", profile="on-demand").decode()):
        data = body_of(presentation, each.file, profile="on-demand")
        base = each.element[-1]
        first, last = map(int, base[0].attrib["range"].split("-"))
        assert [box.kind for box in boxes.tree(data[first : last + 1]).children] == [b"ftyp", b"moov"]
        begin, end = map(int, base.attrib["indexRange"].split("-"))
        assert begin == last + 1
        (index,) = boxes.tree(data[begin : end + 1]).children
        assert index.kind == b"sidx"
        at = end + 1
        rows = index.payload[32:]
        for row in range(0, len(rows), 12):
            size = int.from_bytes(rows[row : row + 4], "big")
            assert [box.kind for box in boxes.tree(data[at : at + size]).children] == [b"moof", b"mdat"]
            at += size
        assert at == len(data)


def test_it_costs_nothing_until_it_is_sent(films: Library) -> None:
    """Two parts, however long the film is; what is known of it is found out once."""
    presentation = presented(films.data("h264"))
    member = carried(presentation, 0)
    assert not is_known(presentation, member)
    plan = single_plan(presentation, member)
    assert [type(part) for part in plan.parts] == [Literal, Folded]
    assert is_known(presentation, member)
    assert single(presentation, member) is single(presentation, member)
