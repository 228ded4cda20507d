"""What pages look like is in themselves, and nothing else is let in."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from hls_mp4.web.pages.markup import page
from hls_mp4.web.pages.style import HEADERS, POLICY, SCRIPT, SHAPES, STYLE


def test_nothing_else_is_loaded() -> None:
    """A page works without a network and under any policy on outside content, in light and dark."""
    assert not any(word in STYLE + SHAPES + SCRIPT for word in ("http:", "https:", "url(", "@import", "//"))
    assert "prefers-color-scheme: dark" in STYLE


def test_the_policy_lets_in_what_is_there() -> None:
    """Style sheet and script are named by their hashes; nothing inline that somebody put into a name would run."""
    for kind, text in (("style", STYLE), ("script", SCRIPT)):
        hashed = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{hashed}'" in POLICY
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")
    assert dict(HEADERS)["X-Content-Type-Options"] == "nosniff"
    assert f"<style>{STYLE}</style>" in page("a", "").decode()
