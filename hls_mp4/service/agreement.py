"""What directives of different blocks share, and must agree on: zones of limits, and buffers of access logs.

Each settings class checks what stands in one block; a name or a file that several blocks mean is looked at here, once
the whole configuration is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hls_mp4.config.blocks import Config
from hls_mp4.config.problems import ConfigErrors, Place, Problem
from hls_mp4.config.scope import Scope
from hls_mp4.service.build import scopes
from hls_mp4.web.accesslog import LogSettings
from hls_mp4.web.logs.files import Buffering
from hls_mp4.web.protecting.limit_conn import LimitConnSettings
from hls_mp4.web.protecting.limit_req import LimitReqSettings


def check_agreement(config: Config) -> None:
    """Check what several blocks share.

    Raises:
        ConfigErrors: they do not agree.
    """
    problems = {*_zones(config), *_buffers(config)}
    if problems:
        raise ConfigErrors(tuple(sorted(problems)), config.warnings)


def _written(scope: Scope, settings: type[Any], field: str) -> Iterator[tuple[Any, Place]]:
    """Yield the values of a repeated directive, each with its place."""
    for slot, given in scope.given.items():
        if slot.settings is settings and slot.attribute == field:
            yield from zip(given.value, (written.place for written in given.written), strict=True)


def _zones(config: Config) -> Iterator[Problem]:
    """Yield zones that count requests and those under way by one name."""
    names = {zone.name for zone in config.http[LimitReqSettings].zones}
    for zone, place in _written(config.http, LimitConnSettings, "zones"):
        if zone.name in names:
            yield Problem(place, f'the shared memory zone "{zone.name}" is already declared for a different use')


def _buffers(config: Config) -> Iterator[Problem]:
    """Yield logs whose file is buffered otherwise in another block."""
    seen: dict[str, tuple[Buffering, Place]] = {}
    for scope in scopes(config):
        for target, place in _written(scope, LogSettings, "targets"):
            if target.buffering is not None:
                buffering, first = seen.setdefault(target.path, (target.buffering, place))
                if buffering != target.buffering:
                    yield Problem(
                        place, f'access_log "{target.path}" already defined with conflicting parameters at {first}'
                    )
