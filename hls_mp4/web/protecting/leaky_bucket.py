"""The leaky buckets of limit_req, in nginx's whole thousandths of a request and milliseconds.

There is one for each value of a zone's key. Its excess tells how far the requests are ahead of the rate: each adds a
thousand, time drains it. Above the burst a request is refused, above what may go through without a delay it waits until
the excess has drained to that. Of several limits the strictest delay holds, and no bucket is charged for a request that
one of them refuses.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.web.protecting.zones import Room
from hls_mp4.web.variables import Template

NO_DELAY = 1 << 62
"""What may be ahead without a wait, with nodelay."""

_STATE_BYTES = 400  # of a bucket, its numbers, the object of its key and its place in a table that may have just grown
_STALE_MS = 60_000


@dataclass(frozen=True, slots=True)
class RequestZone:
    """A limit_req_zone.

    Args:
        name: what limit_req calls it.
        key: what has a bucket of its own.
        size: bytes that all buckets may take.
        rate: thousandths of a request per second.
    """

    name: str
    key: Template
    size: int
    rate: int


class _Bucket:
    """What is known of one value of the key: the excess after its last request, and when that came."""

    __slots__ = ("excess", "last")

    def __init__(self, last: int) -> None:
        self.excess = -1000  # no request was counted: the first one is not ahead of anything
        self.last = last


class RateZone:
    """The buckets of a zone; milliseconds come from outside.

    Args:
        zone: its declaration.
    """

    def __init__(self, zone: RequestZone) -> None:
        self.name = zone.name
        self.key = zone.key
        self.rate = zone.rate
        self._room = Room(zone.size, _STATE_BYTES)
        self._size = zone.size
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # the least recently used first

    def __len__(self) -> int:
        return len(self._buckets)

    def excess(self, key: str, now: int) -> int:
        """Return how far one more request would be ahead of the rate, in thousandths; it is not counted."""
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0
        self._buckets.move_to_end(key)
        return max(0, bucket.excess - self.rate * _passed(bucket.last, now) // 1000 + 1000)

    def has_room(self, key: str, now: int) -> bool:
        """Make room for a key's bucket; False when it cannot be had."""
        if key in self._buckets:
            return True
        for _ in range(2):
            self._drop_stale(now)
        while not self._room.take(key):
            if not self._buckets:
                return False
            self._drop_oldest()
        self._buckets[key] = _Bucket(now)
        return True

    def charge(self, key: str, excess: int, now: int) -> None:
        """Count a request.

        Args:
            key: of a bucket that there is room for.
            excess: what `excess` has returned for it.
            now: milliseconds.
        """
        bucket = self._buckets[key]
        if _passed(bucket.last, now):
            bucket.last = now
        bucket.excess = excess

    def _drop_stale(self, now: int) -> None:
        """Drop the least recently used bucket when it is old and empty."""
        bucket = next(iter(self._buckets.values()), None)
        if bucket is not None:
            passed = _passed(bucket.last, now)
            if passed >= _STALE_MS and bucket.excess <= self.rate * passed // 1000:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        key, _ = self._buckets.popitem(last=False)
        self._room.give_back(key)


def _passed(last: int, now: int) -> int:
    """Return milliseconds between two requests; a clock that was set back costs nobody more than a minute."""
    passed = now - last
    return max(0, passed) if passed >= -_STALE_MS else 1


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit_req with its zone's buckets."""

    zone: RateZone
    burst: int
    delay: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What limits say of a request: refused, or let through after a wait.

    Args:
        delay_ms: to wait.
        excess: in thousandths, by the limit that said so.
        zone: its name.
        refused: the burst is exceeded.
        full: there was no room to count the request.
    """

    delay_ms: int = 0
    excess: int = 0
    zone: str = ""
    refused: bool = False
    full: bool = False

    @property
    def amount(self) -> str:
        """The excess as requests."""
        return f"{self.excess // 1000}.{self.excess % 1000:03d}"


PASSED = Verdict()


def judge(limits: Sequence[Limit], keys: Sequence[str], now: int) -> Verdict:
    """Count a request in the buckets of its keys, unless one of the limits refuses it."""
    asked = []
    for limit, key in zip(limits, keys, strict=True):
        if not key:
            continue
        excess = limit.zone.excess(key, now)
        if excess > limit.burst:
            return Verdict(0, excess, limit.zone.name, refused=True)
        if not limit.zone.has_room(key, now):
            return Verdict(0, 0, limit.zone.name, refused=True, full=True)
        asked.append((limit, key, excess))
    verdict = PASSED
    for limit, key, excess in reversed(asked):
        limit.zone.charge(key, excess, now)
        delay_ms = (excess - limit.delay) * 1000 // limit.zone.rate
        if delay_ms > verdict.delay_ms:
            verdict = Verdict(delay_ms, excess, limit.zone.name)
    return verdict
