"""Directives of the dash module."""

from __future__ import annotations

from hls_mp4.packagers.dash.module import DashModule
from hls_mp4.packagers.dash.settings import DashSettings


def test_it_is_off_until_somebody_wants_it() -> None:
    """A location without `dash;` answers none of its URLs; what is not said is the usual."""
    usual = DashSettings()
    assert not usual.enabled
    assert (usual.profile, usual.template, usual.texts) == ("live", "time", "wvtt")
    limits = DashModule().limits(DashSettings(buffer_size=1, max_buffer_size=1 << 20))
    assert (limits.buffer_size, limits.max_buffer_size) == (4096, 1 << 20)
