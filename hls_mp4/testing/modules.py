"""The contract suite of IDeliveryModule."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from typing import Any

from zope.interface.verify import verifyObject

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery, IDeliveryModule, IndexLimits, Needs
from hls_mp4.media.index import MediaIndex
from hls_mp4.plan import Extent, Plan, render
from hls_mp4.testing.chance import mutated, noise
from hls_mp4.testing.memory import MemorySource


class DeliveryModuleContract:
    """The contract of an IDeliveryModule."""

    queries: Sequence[bytes] = (b"", b"start=0", b"start=2.5", b"start=2.5&end=5", b"end=3", b"start=x", b"start=1e9")
    """Query strings that are asked; add those that the module knows."""

    cuts = 40
    """Pieces of each body that are compared."""

    def delivery_module(self) -> Any:
        """Return the module."""
        raise NotImplementedError

    def enabled_settings(self) -> Any:
        """Return settings under which the module answers."""
        raise NotImplementedError

    def films(self) -> Sequence[tuple[MediaIndex, bytes]]:
        """Return films that the module can deliver, with their indices."""
        raise NotImplementedError

    def test_it_is_a_delivery_module(self) -> None:
        """It provides the interface, and its settings turn it on with a field `enabled`, which is off by default."""
        module = self.delivery_module()
        verifyObject(IDeliveryModule, module)
        assert isinstance(module.name, str)
        assert module.name
        assert dataclasses.is_dataclass(module.settings)
        settings: Any = module.settings
        assert settings.__dataclass_params__.frozen
        assert settings().enabled is False
        assert isinstance(self.enabled_settings(), settings)
        assert self.enabled_settings().enabled is True

    def test_any_query_can_be_matched(self) -> None:
        """Whatever a client sends, there is an answer."""
        module, settings = self.delivery_module(), self.enabled_settings()
        for query in [*self.queries, *mutated(self.queries, 300), *noise(100)]:
            module.match(query, settings)

    def test_limits(self) -> None:
        """Settings say what an index may cost."""
        limits = self.delivery_module().limits(self.enabled_settings())
        assert isinstance(limits, IndexLimits)
        assert limits.buffer_size > 0
        assert limits.max_buffer_size > 0

    def test_films_are_served_by_their_format(self) -> None:
        """A module answers for its own films, and says so without looking into them; others are left to others."""
        module, settings = self.delivery_module(), self.enabled_settings()
        forms = {index.format for index, _ in self.films()}
        for query in self.queries:
            match = module.match(query, settings)
            if match is None:
                continue
            assert isinstance(module.needs(match, settings), Needs)
            assert all(module.serves(form, match, settings) is True for form in forms)
            assert module.serves("no such format", match, settings) is False
            assert isinstance(module.serves(None, match, settings), bool)

    def test_extents_lie_in_the_file(self) -> None:
        """Nothing is sent that is not there, and of no other file."""
        for delivery, source in self._deliveries():
            for part in delivery.plan.parts:
                if isinstance(part, Extent):
                    assert part.source is source
                    assert 0 <= part.offset <= part.offset + part.length <= source.size

    def test_ranges_are_pieces_of_the_whole(self) -> None:
        """A download goes on where it broke off: render(plan.cut(a, b)) == render(plan)[a:b]."""
        chance = random.Random(1)
        for delivery, _ in self._deliveries():
            plan = delivery.plan
            whole = _rendered(plan)
            assert len(whole) == plan.length
            for _ in range(self.cuts):
                start, stop = sorted(chance.randint(0, plan.length) for _ in range(2))
                assert _rendered(plan.cut(start, stop)) == whole[start:stop]

    def test_a_variant_stands_for_one_body(self) -> None:
        """Bodies of one film that differ have different ETags; the empty variant is the file itself."""
        bodies: dict[tuple[int, str], bytes] = {}
        for delivery, source in self._deliveries():
            body = _rendered(delivery.plan)
            assert body == bodies.setdefault((id(source.data), delivery.variant), body)
            assert delivery.variant or body == source.data
            assert all(33 <= ord(letter) < 127 and letter != '"' for letter in delivery.variant)

    def test_the_same_request_gets_the_same_answer(self) -> None:
        """At any time, so that caches and broken-off downloads can rely on it."""
        for one, other in zip(self._deliveries(0.0), self._deliveries(1e9), strict=True):
            assert _rendered(one[0].plan) == _rendered(other[0].plan)
            assert one[0].variant == other[0].variant

    def test_headers_and_pace(self) -> None:
        """Headers cannot break a response, rates are numbers of bytes."""
        for delivery, _ in self._deliveries():
            for name, value in delivery.headers:
                assert name
                assert (name + value).isascii()
                assert (name + value).isprintable()
            assert delivery.rate >= 0
            assert delivery.rate_after >= 0

    def _deliveries(self, now: float = 0.0) -> Iterator[tuple[Delivery, MemorySource]]:
        """Yield every answer to every query, with the source it is made of; there has to be one for each film."""
        module, settings = self.delivery_module(), self.enabled_settings()
        for index, film in self.films():
            source = MemorySource(film)
            answered = False
            for query in self.queries:
                match = module.match(query, settings)
                if match is None:
                    continue
                known = None if module.needs(match, settings) is Needs.NOTHING else index
                try:
                    delivery = module.respond(Asset(known, source), match, settings, now)
                except StreamingError:
                    continue
                assert isinstance(delivery, Delivery)
                answered = True
                yield delivery, source
            assert answered, "no query of this suite was answered; add some to `queries`"


def _rendered(plan: Plan) -> bytes:
    return render(plan, lambda source, offset, length: source.data[offset : offset + length])
