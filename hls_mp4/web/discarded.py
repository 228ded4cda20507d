"""Bodies of requests, which nobody here reads."""

from __future__ import annotations


class Discarded:
    """The body of a request that nobody reads: counted, not kept."""

    length = 0

    def write(self, data: bytes) -> None:
        """Count."""
        self.length += len(data)

    def tell(self) -> int:
        """Return how many bytes came."""
        return self.length

    def seek(self, offset: int, whence: int = 0) -> None:
        """Nothing to read."""

    def close(self) -> None:
        """Nothing to close."""
