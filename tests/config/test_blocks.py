"""A configuration once it has been read."""

from __future__ import annotations

import dataclasses

import pytest

from tests.config.settings import Content, loaded


def test_a_configuration_does_not_change() -> None:
    """Whoever holds a configuration holds this one, reload or not."""
    config = loaded("http { server { location / { } } }")
    (server,) = config.servers
    for value in (config, server, server.locations[0], server.listens[0], server.scope[Content]):
        for field in dataclasses.fields(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, field.name, None)


def test_missing_blocks_have_the_settings_around_them() -> None:
    """A file without events or http has settings for both."""
    config = loaded("")
    assert config.events is config.main and config.http is config.main and config.servers == ()
