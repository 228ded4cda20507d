"""A headless Chromium for a test, spoken to by the DevTools protocol over a pipe: no driver, no network, no package.

Messages are JSON with a zero byte behind each (`--remote-debugging-pipe`): commands go in by descriptor 3, results and
events come out by 4. https://chromedevtools.github.io/devtools-protocol/ has the commands.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.acceptance.daemon import PATIENCE, until

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

_FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"),
    *("--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"),
    *("--hide-scrollbars", "--password-store=basic", "--no-proxy-server"),
)


_BECOME = """
import fcntl, os, sys
commands, results = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(commands, 3), os.dup2(results, 4), os.close(commands), os.close(results)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Puts the pipes where the browser looks for them. A shell would do, but for Debian's, which has no descriptor 10."""


def installed() -> str | None:
    """Return the browser of this machine, None when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """A running browser with one page.

    Args:
        folder: for its profile.
    """

    def __init__(self, folder: Path) -> None:
        program = installed()
        assert program is not None
        commands, self._to = os.pipe()
        self._from, results = os.pipe()
        flags = [*_FLAGS, f"--user-data-dir={folder}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        with (folder / "chromium.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BECOME, str(commands), str(results), program, *flags, "about:blank"],
                pass_fds=(commands, results),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(commands)
        os.close(results)
        self._number = 0
        self._session = ""
        self._received = bytearray()
        self._events: list[dict[str, Any]] = []
        target = next(found for found in self.call("Target.getTargets")["targetInfos"] if found["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Run a command of the protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._events.append(answer)

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from], [], [], max(0, end - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            assert piece, "the browser says nothing" if not ready else "the browser is gone"
            self._received += piece
        message, _, rest = bytes(self._received).partition(b"\0")
        self._received = bytearray(rest)
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def event(self, method: str) -> dict[str, Any]:
        """Return the next event of a name, those that came meanwhile included; they are forgotten up to it."""
        while True:
            event = self._events.pop(0) if self._events else self._next()
            if event.get("method") == method:
                parameters: dict[str, Any] = event["params"]
                return parameters

    def complaints(self) -> list[str]:
        """Return what the browser had to say so far against pages: blocked content, errors of scripts."""
        self.run("0")  # what was said before this was answered has come by then
        told = [event["params"] for event in self._events if event.get("method") == "Log.entryAdded"]
        thrown = [event["params"] for event in self._events if event.get("method") == "Runtime.exceptionThrown"]
        entries = [entry["entry"] for entry in told]
        return [entry["text"] for entry in entries if entry["level"] in ("error", "warning")] + [
            str(one["exceptionDetails"]) for one in thrown
        ]

    def open(self, url: str) -> None:
        """Go to a page, and return when it is loaded."""
        self._events.clear()
        went = self.call("Page.navigate", url=url)
        assert "errorText" not in went, went
        self.event("Page.loadEventFired")

    def follow(self, selector: str) -> None:
        """Click on a link or a button that leads to another page, and return when that is loaded."""
        self._events.clear()
        self.click(selector)
        self.event("Page.loadEventFired")

    def click(self, selector: str) -> None:
        """Click where an element is, as a person does."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        x, y = self.run(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getClientRects()[0];"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def run(self, script: str) -> Any:
        """Return the value of an expression, of a promise what it comes to."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, condition: str) -> None:
        """Return as soon as an expression is true; asked from here, for timers of a page are scripts too."""
        until(lambda: self.run(f"Boolean({condition})"), condition)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Show pages in a window of this size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def dark(self, dark: bool) -> None:
        """Prefer a dark scheme, or a light one."""
        value = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def scripts(self, allowed: bool) -> None:
        """Turn scripts of pages on or off."""
        self.call("Emulation.setScriptExecutionDisabled", value=not allowed)

    def picture(self) -> bytes:
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """End it."""
        self._session = ""
        try:
            self.call("Browser.close")
            self.process.wait(PATIENCE)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self._to)
        os.close(self._from)
