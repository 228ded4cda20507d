"""Watching a film in a browser's page: which pictures it showed, by the numbers that they show (see `tests.films`)."""

from __future__ import annotations

import json
from typing import Any

from tests.acceptance.browser import Browser

WATCH = """
(() => {
  const film = document.querySelector("video"), canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  canvas.width = 160, canvas.height = 120;
  window.number = () => {
    pen.drawImage(film, 0, 0, 160, 120);
    const {data} = pen.getImageData(0, 0, 160, 120);
    let gray = 0, number = 0;
    for (let bit = 0; bit < 16; bit++) {
      const x = bit % 4 * 40 + 20, y = (bit >> 2) * 30 + 15;
      if (data[(y * 160 + x) * 4] > 128) gray |= 1 << bit;
    }
    for (; gray; gray >>= 1) number ^= gray;
    return number;
  };
  window.seen = [];
  const next = (_, frame) => {
    window.seen.push([frame.mediaTime, window.number()]);
    film.requestVideoFrameCallback(next);
  };
  film.requestVideoFrameCallback(next);
})()
"""


class Watched:
    """The film of a page.

    Args:
        browser: at a page with one <video>.
    """

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        browser.run(WATCH)

    def film(self, expression: str) -> Any:
        """Return a property of the video element, or run a method of it."""
        return self.browser.run(f"document.querySelector('video').{expression}")

    def until(self, condition: str) -> None:
        """Return as soon as a condition holds in which `film` is the video element."""
        self.browser.until(f"((film) => {condition})(document.querySelector('video'))")

    def play(self, speed: float = 1) -> None:
        """Begin, or go on; a fast film is over sooner."""
        self.browser.run(
            f"(() => {{ const film = document.querySelector('video'); film.muted = true;"
            f" film.defaultPlaybackRate = film.playbackRate = {speed}; return film.play(); }})()"
        )

    def seek(self, to: float) -> None:
        """Go somewhere, and wait for the picture of it."""
        self.browser.run(f"document.querySelector('video').currentTime = {to}")
        self.until("!film.seeking && film.readyState >= 2")

    def seen(self) -> list[tuple[float, int]]:
        """Return (time in the film, number shown) of the pictures since this was asked last."""
        found: str = self.browser.run("JSON.stringify(window.seen.splice(0))")
        return [(float(at), int(number)) for at, number in json.loads(found)]
