"""satisfy: all of the checks, or any of them, with nginx's statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from hls_mp4.web.protecting.satisfy import SatisfySettings, admission
from hls_mp4.web.refusal import Refusal
from tests.web.harness import Client, Served
from tests.web.protecting.test_auth_basic import ask, basic

Serve = Callable[..., Served]


class Asked:
    """A request that is voted on: what was logged of it."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, str]] = []

    def report(self, reason: str, *, level: str = "error") -> None:
        self.logged.append((reason, level))


class Votes:
    """Votes that are cast at once, or when the test opens their gate."""

    def __init__(self) -> None:
        self._gates: list[Deferred[None]] = []

    def vote(self, outcome: bool | int | None, late: bool) -> Any:
        """Return a vote: True, no opinion, or the status that keeps a client out."""

        def now(_: Any) -> bool | None:
            if outcome is None or outcome is True:
                return outcome
            headers = [("WWW-Authenticate", "x")] if outcome == 401 else None
            raise Refusal(int(outcome), f"because {outcome}", headers=headers)

        async def later(asked: Any) -> bool | None:
            self._gates.append(Deferred())
            await self._gates[-1]
            return now(asked)

        return later if late else now

    def decide(
        self, outcomes: list[tuple[bool | int | None, bool]], satisfy: str, asked: Asked | None = None
    ) -> Refusal | None:
        """Return what keeps a client out, None when it may come in."""
        checks = admission([self.vote(*one) for one in outcomes], SatisfySettings(satisfy=satisfy), None)
        failed: list[Any] = []
        try:
            for check in checks:
                waiting = check(asked or Asked())  # type: ignore[arg-type]
                assert (waiting is not None) == bool(self._gates)
                if isinstance(waiting, Deferred):
                    waiting.addErrback(failed.append)
            while self._gates:
                self._gates.pop().callback(None)
        except Refusal as refusal:
            return refusal
        return failed[0].value if failed else None


def decided(outcomes: list[tuple[bool | int | None, bool]], satisfy: str) -> int | None:
    """Return the status that keeps a client out, None when it may come in."""
    refusal = Votes().decide(outcomes, satisfy)
    return refusal.status if refusal is not None else None


votes = st.lists(st.tuples(st.sampled_from([True, None, 401, 403, 400, 500]), st.booleans()), max_size=4)


@given(votes)
def test_all(outcomes: list[tuple[bool | int | None, bool]]) -> None:
    """The first that keeps a client out decides; who is kept out by nobody comes in."""
    expected = next((one for one, _ in outcomes if one not in (True, None)), None)
    assert decided(outcomes, "all") == expected


@given(votes)
def test_any(outcomes: list[tuple[bool | int | None, bool]]) -> None:
    """One that lets in is enough; otherwise 401 outweighs 403, and other statuses end it where they come up."""
    expected: int | None = None
    for one, _ in outcomes:
        if one is True or one in (400, 500):
            expected = None if one is True else one
            break
        if one is not None and expected != 401:
            expected = one
    assert decided(outcomes, "any") == expected


def test_nothing_to_check() -> None:
    """A location without allow and without passwords costs its requests nothing."""
    assert admission([], SatisfySettings(), None) == ()


def test_every_401_says_how_to_come_in() -> None:
    """Of two ways to name oneself the client hears of both, and the log of both reasons."""
    asked = Asked()
    refusal = Votes().decide([(401, False), (403, False), (401, True)], "any", asked)
    assert refusal is not None
    assert refusal.headers == [("WWW-Authenticate", "x")] * 2
    assert asked.logged == [("because 401", "error")] * 2
    assert refusal.reason == ""


def test_a_wrong_password_has_to_wait() -> None:
    """auth_delay holds back a 401 and nothing else."""
    clock = Clock()

    class Shared:
        reactor = clock

    settings = SatisfySettings(delay=1500)
    asked = Asked()
    (check,) = admission([Votes().vote(401, False)], settings, Shared)
    failed: list[Any] = []
    check(asked).addErrback(failed.append)  # type: ignore[arg-type, union-attr]
    clock.advance(1.4)
    assert failed == []
    clock.advance(0.2)
    assert failed[0].value.status == 401
    assert ("delaying unauthorized request", "info") in asked.logged
    for outcome in (True, None, 403):
        (check,) = admission([Votes().vote(outcome, False)], settings, Shared)
        try:
            assert check(asked) is None  # type: ignore[arg-type]
        except Refusal as refusal:
            assert refusal.status == outcome
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("directives", "password", "status"),
    [
        ("satisfy any; deny all;", False, 401),
        ("satisfy any; deny all;", True, 200),
        ("satisfy any; allow 127.0.0.1; deny all;", False, 200),
        ("satisfy any; allow 192.0.2.1;", False, 401),
        ("deny all;", True, 403),
        ("deny all;", False, 403),
        ("allow 127.0.0.1; deny all;", False, 401),
        ("satisfy all; allow all;", True, 200),
        ("satisfy any; auth_basic off; deny all;", True, 403),
        ("satisfy any; auth_basic off; deny 192.0.2.1;", False, 200),
    ],
)
@pytest_twisted.ensureDeferred
async def test_addresses_and_passwords(serve: Serve, root: Path, directives: str, password: bool, status: int) -> None:
    """The statuses that nginx gives for the same lines."""
    (root / "users").write_text("ann:{PLAIN}secret\n")
    closed = "" if "auth_basic" in directives else "auth_basic x;"
    client: Client = await serve(f"location / {{ {directives} {closed} auth_basic_user_file users; }}").connect()
    got, headers, _ = await ask(client, basic("ann:secret") if password else None)
    assert got == status
    assert ("www-authenticate" in headers) == (status == 401)
