"""Files of keys, each read once when the daemon starts."""

from __future__ import annotations

from hls_mp4.config.problems import ConfigErrors, Place, Problem
from hls_mp4.config.scope import Scope
from hls_mp4.web.encrypting import DrmSettings, Protection, read_protection


class Protections:
    """What key files say, by file and settings."""

    def __init__(self) -> None:
        self._read: dict[DrmSettings, Protection] = {}

    def of(self, scope: Scope) -> Protection | None:
        """Return how the segments of a block are encrypted, None where they are not.

        Raises:
            ConfigErrors: its key file cannot be used.
        """
        settings = scope[DrmSettings]
        if settings.key_file is None:
            return None
        if settings not in self._read:
            try:
                self._read[settings] = read_protection(settings)
            except (OSError, ValueError) as problem:
                reason = problem.strerror if isinstance(problem, OSError) else problem
                message = f'key file "{settings.key_file}" cannot be used: {reason}'
                raise ConfigErrors((Problem(_place(scope), message),)) from None
        return self._read[settings]


def _place(scope: Scope) -> Place:
    """Return where the key file is named."""
    for slot, given in scope.given.items():
        if slot.settings is DrmSettings and slot.attribute == "key_file" and given.written:
            return given.written[0].place
    return Place("", 0)
