"""Finds formats and delivery modules, ours and other people's, once at start.

Every object in twisted/plugins/ that provides IMediaFormat, IDeliveryModule, IPackagerModule or IPrecutModule, or makes
one (see `makers`), is asked for. One that cannot be imported, or lacks a part of its contract, costs one line in the
error log and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from twisted.plugin import IPlugin, getPlugins
from zope.interface import Interface
from zope.interface.verify import verifyObject

from hls_mp4.interfaces import IDeliveryModule, IMediaFormat, IPackagerModule, IPrecutModule
from hls_mp4.service.makers import IDeliveryMaker, IFormatMaker, IPackagerMaker, IPrecutMaker

log = Logger()

Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plugins:
    """What was found.

    Args:
        formats: every IMediaFormat, in the order in which files are probed for them.
        modules: every IDeliveryModule, by the order of their names.
        packagers: every IPackagerModule, by the order of their names.
        precut: every IPrecutModule, by the order of their names.
    """

    formats: tuple[Any, ...]
    modules: tuple[Any, ...]
    packagers: tuple[Any, ...] = ()
    precut: tuple[Any, ...] = ()

    @property
    def settings(self) -> tuple[type[Any], ...]:
        """The settings classes that the modules add to the configuration language."""
        return tuple(module.settings for module in (*self.modules, *self.packagers, *self.precut))


def discover(package: ModuleType | None = None, complain: Complain | None = None) -> Plugins:
    """Load every plugin that can be loaded.

    Args:
        package: the plugin package to look in; None for twisted.plugins.
        complain: is told about each plugin that is left out; None for the log.
    """
    complain = complain or (lambda reason: log.error("{reason}", reason=reason))
    # One pass for everything: Twisted looks at the disk in each, and reports a file that cannot be imported each time.
    found = list(getPlugins(IPlugin, package))
    return Plugins(
        formats=tuple(usable(found, IMediaFormat, IFormatMaker, complain)),
        modules=tuple(usable(found, IDeliveryModule, IDeliveryMaker, complain)),
        packagers=tuple(usable(found, IPackagerModule, IPackagerMaker, complain)),
        precut=tuple(usable(found, IPrecutModule, IPrecutMaker, complain)),
    )


def usable(
    found: Iterable[Any], contract: type[Interface], maker: type[Interface], complain: Complain
) -> Iterator[Any]:
    """Yield what keeps a contract, by name; the first of two with one name wins.

    Args:
        found: plugins of any kind.
        contract: what is looked for.
        maker: what a plugin provides that makes one.
        complain: is told about each plugin that is left out.
    """
    kept: dict[str, Any] = {}
    for plugin in found:
        is_real = contract.providedBy(plugin)
        if not is_real and not maker.providedBy(plugin):
            continue
        try:
            real: Any = plugin if is_real else plugin.make()
            verifyObject(contract, real)
        except Exception as broken:
            complain(f'plugin "{getattr(plugin, "name", plugin)}" is left out: {one_line(broken)}')
            continue
        if kept.setdefault(real.name, real) is not real:
            complain(f'plugin "{real.name}" is left out: another {contract.__name__} has this name')
    yield from (kept[name] for name in sorted(kept))


def one_line(error: Exception) -> str:
    """Return an exception as one line of a log."""
    return " ".join(f"{type(error).__name__}: {error}".split())
