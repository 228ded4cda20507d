"""How presentations are encrypted."""

from __future__ import annotations

from hls_mp4.media.protection import Key, KeySystem, Protection

ONE, OTHER = Key(b"a" * 16, b"b" * 16, b"c" * 16), Key(b"d" * 16, b"e" * 16, b"f" * 16)


def test_bodies_are_told_apart_by_all_that_makes_them() -> None:
    """Another key, scheme or key system is another body, and what tells them apart does not tell the key."""
    system = KeySystem(bytes(16), b"box", b"data")
    several = [
        Protection("cenc", ONE, ONE),
        Protection("cbcs", ONE, ONE),
        Protection("cenc", OTHER, OTHER),
        Protection("cenc", ONE, OTHER),
        Protection("cenc", ONE, ONE, (system,)),
        Protection("cenc", ONE, ONE, clear_key=True),
    ]
    assert len({each.variant for each in several}) == len(several)
    assert several[0].variant == Protection("cenc", ONE, ONE).variant


def test_keys_are_in_no_log() -> None:
    """Somebody prints everything, some day."""
    told = repr(Protection("cenc", ONE, OTHER))
    assert repr(ONE.key) not in told
    assert "bbbb" not in told
