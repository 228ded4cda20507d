"""The command line of `twistd mp4stream`.

    twistd [-n] mp4stream --config FILE [--prefix DIR] [--error-log FILE]
    twistd -n mp4stream --root DIR [--listen ADDRESS]

What belongs to the service is in the configuration file; the second form needs none and serves one folder.

twistd writes a pid file of its own, `twistd.pid` in the current folder, before anything listens. In the foreground it
is switched off here, for it says nothing that a supervisor does not know and stands in the way of a second daemon in
the same folder; a daemonized process keeps it unless the configuration names a better one (`pid`). A `--pidfile` with
another name is always respected.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.python import usage

DEFAULT_LISTEN = "127.0.0.1:8080"

_TWISTD_PIDFILE = "twistd.pid"


class Options(usage.Options):
    """What `twistd mp4stream` understands."""

    synopsis = "[--config FILE [--prefix DIR] [--error-log FILE] | --root DIR [--listen ADDRESS]]"
    longdesc = (
        "A video server that starts films at any second. Configured in nginx's language: see docs/configuration.md."
    )
    optParameters = [
        ["config", "c", None, "Configuration file."],
        ["prefix", "p", None, "Folder that relative paths are taken from (default: that of the configuration file)."],
        ["error-log", "e", None, "Error log for what the configuration does not direct elsewhere; stderr is one."],
        ["root", "r", None, "Serve this folder, without a configuration file."],
        [
            "listen",
            "l",
            None,
            f"Where to listen when serving --root: address:port, port, unix:path ({DEFAULT_LISTEN}).",
        ],
    ]
    compData = usage.Completions(
        optActions={
            "config": usage.CompleteFiles("*.conf"),
            "prefix": usage.CompleteDirs(),
            "error-log": usage.CompleteFiles(),
            "root": usage.CompleteDirs(),
        }
    )

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Read the command line.

        Raises:
            SystemExit: with a line for the person who typed it; twistd would print all of its own options before.
        """
        try:
            super().parseOptions(options)
        except usage.UsageError as wrong:
            raise SystemExit(f"mp4stream: {wrong}\nTry: twistd mp4stream --help") from None

    def postOptions(self) -> None:
        """See that the options fit together, and make their paths absolute.

        Raises:
            UsageError: with a sentence for the person who typed them.
        """
        if self["config"] and self["root"]:
            raise usage.UsageError("--root serves one folder without a configuration: give it or --config, not both")
        if not self["config"] and not self["root"]:
            raise usage.UsageError("give --config FILE, or --root DIR to serve one folder")
        if self["config"] and self["listen"]:
            raise usage.UsageError("--listen goes with --root: a configuration has listen directives")
        if self["prefix"] is not None:
            self["prefix"] = folder(self["prefix"], "--prefix")
        if self["config"]:
            self["config"] = self._config_path()
            self["prefix"] = self["prefix"] or str(Path(self["config"]).parent)
        else:
            self["root"] = folder(self["root"], "--root")
            self["prefix"] = self["prefix"] or self["root"]
            self["listen"] = self["listen"] or DEFAULT_LISTEN
        if self["error-log"] and self["error-log"] != "stderr":
            self["error-log"] = str(Path(self["prefix"], self["error-log"]))
        if self.in_foreground and self.twistd.get("pidfile") == _TWISTD_PIDFILE:
            self.twistd["pidfile"] = ""

    def _config_path(self) -> str:
        """Return the configuration's absolute path; of this folder or else, as nginx's, of the prefix."""
        here = Path(self["config"]).absolute()
        if not here.exists() and self["prefix"]:
            there = Path(self["prefix"], self["config"])
            if there.exists():
                return str(there)
        if not here.is_file():
            raise usage.UsageError(f'--config: there is no file "{here}"')
        return str(here)

    @property
    def twistd(self) -> dict[str, Any]:
        """The options of twistd itself, as they stand; empty when this is not a twistd's sub-command."""
        found: dict[str, Any] | None = getattr(self, "parent", None)
        return {} if found is None else found

    @property
    def in_foreground(self) -> bool:
        """Whether twistd was told to stay, or cannot leave."""
        return bool(self.twistd.get("nodaemon", True) or self.twistd.get("debug"))

    def stay_in_foreground(self) -> None:
        """Do what `daemon off;` asks for; what was said on the command line already holds."""
        if self.twistd:
            self.twistd["nodaemon"] = True

    def drop_twistd_pidfile(self) -> None:
        """Keep twistd from writing its default pid file: the daemon writes its own."""
        if self.twistd.get("pidfile") == str(Path(_TWISTD_PIDFILE).absolute()):
            self.twistd["pidfile"] = ""


def folder(path: str, option: str) -> str:
    """Return a folder's absolute path.

    Raises:
        UsageError: there is no such folder.
    """
    absolute = Path(path).absolute()
    if not absolute.is_dir():
        raise usage.UsageError(f'{option}: there is no folder "{absolute}"')
    return str(absolute)
