"""Each location has the checks that it turned on, and no others."""

from types import SimpleNamespace

from hls_mp4.web.phases import ADMISSION, ARRIVAL, COMPUTED, LIMITS, prepared
from hls_mp4.web.variable_names import KNOWN


class Settings:
    """Settings of a made-up directive."""

    def __init__(self, on: bool) -> None:
        self.on = on


class Others(Settings):
    """Settings of another one."""


def test_what_is_off_is_not_there() -> None:
    """A request meets only what its location configured, in the order of the table."""
    asked = []

    def prepare(settings: Settings, shared: object) -> object:
        asked.append((settings, shared))
        return (lambda request: None) if settings.on else None

    shared, settings = SimpleNamespace(), {Settings: Settings(True), Others: Others(False)}
    table = ((Others, prepare), (Settings, prepare))
    assert len(prepared(table, settings, shared)) == 1  # type: ignore[arg-type]
    assert [type(one) for one, _ in asked] == [Others, Settings]
    assert all(given is shared for _, given in asked)


def test_every_computed_variable_has_a_name() -> None:
    """What a module computes can be written in a configuration."""
    assert set(COMPUTED) <= set(KNOWN)


def test_a_settings_class_is_asked_once_in_a_phase() -> None:
    """No check is done twice."""
    for table in (ARRIVAL, LIMITS, ADMISSION):
        assert len({owner for owner, _ in table}) == len(table)
