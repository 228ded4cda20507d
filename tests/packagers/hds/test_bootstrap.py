"""Bootstraps of recorded presentations."""

from __future__ import annotations

import numpy as np

from hls_mp4.containers.f4f.abst import Abst
from hls_mp4.packagers.hds.bootstrap import bootstrap
from hls_mp4.packagers.hds.cutting import Cutting
from tests.containers.f4f.test_abst import OPENHTTPSTREAMER

FIVE = Cutting((), np.array([0, 4000, 8000, 12000, 16000]), 20023)


def test_all_clients_take_it() -> None:
    """One segment of all fragments, an entry for each, the last one of its own, then the end, all zeros."""
    told = Abst.parse(bootstrap(FIVE))
    (segments,), (fragments,) = told.segments, told.fragments
    assert [(run.first, run.fragments) for run in segments.runs] == [(1, 5)]
    entries = [(run.first, run.timestamp, run.duration) for run in fragments.runs]
    assert entries == [*((n, 4000 * n - 4000, 4000) for n in range(1, 5)), (5, 16000, 4023), (0, 0, 0)]
    assert fragments.runs[-1].gap == 0
    assert (told.timescale, fragments.timescale, told.media_time, told.live) == (1000, 1000, 20023, False)


def test_openhttpstreamers_form() -> None:
    """Its version, and no entry for the end: byte for byte what mp4frag writes."""
    from base64 import b64encode

    assert b64encode(bootstrap(FIVE, version=14, ended=False)).decode() == OPENHTTPSTREAMER
