"""Makers: small plugin objects that stand for a format or a module until somebody needs it.

Twisted loads every file of twisted/plugins/ in every `twistd` on the machine, so what lies there must be cheap. A
maker knows a name and a dotted path; `make()` imports and returns the real thing. A plugin file may as well hold the
real thing itself, when its class provides IPlugin beside its contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from twisted.plugin import IPlugin
from zope.interface import Attribute, Interface, implementer


class IMaker(Interface):
    """Stands for something that is imported when it is first needed."""

    name = Attribute("the name of what is made")

    def make() -> Any:
        """Return the real thing; raises ImportError or AttributeError when the dotted path leads nowhere."""


class IFormatMaker(IMaker):
    """Makes an IMediaFormat."""


class IDeliveryMaker(IMaker):
    """Makes an IDeliveryModule."""


class IPackagerMaker(IMaker):
    """Makes an IPackagerModule."""


class IPrecutMaker(IMaker):
    """Makes an IPrecutModule."""


@dataclass(frozen=True)
class Maker:
    """A name, and where the class lies that it stands for.

    Args:
        name: what the made object is called.
        path: dotted path of a class that can be called without arguments.
    """

    name: str
    path: str

    def make(self) -> Any:
        """Import the class and return an instance."""
        module, _, attribute = self.path.rpartition(".")
        return getattr(import_module(module), attribute)()


@implementer(IPlugin, IFormatMaker)
class FormatMaker(Maker):
    """Stands for a container format."""


@implementer(IPlugin, IDeliveryMaker)
class DeliveryMaker(Maker):
    """Stands for a delivery module."""


@implementer(IPlugin, IPackagerMaker)
class PackagerMaker(Maker):
    """Stands for a module that answers URLs below a film's."""


@implementer(IPlugin, IPrecutMaker)
class PrecutMaker(Maker):
    """Stands for a module that answers URLs of fragments that were cut beforehand."""
