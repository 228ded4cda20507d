"""Makers are cheap to load and resolve when asked."""

from __future__ import annotations

import subprocess
import sys

import pytest
from twisted.plugin import IPlugin

from hls_mp4.service.makers import (
    DeliveryMaker,
    FormatMaker,
    IDeliveryMaker,
    IFormatMaker,
    IPackagerMaker,
    IPrecutMaker,
    PackagerMaker,
    PrecutMaker,
)
from tests.acceptance.daemon import ROOT, environment


def test_a_maker_makes_what_its_path_names() -> None:
    """The last word of the path is a class that needs no arguments."""
    assert FormatMaker("x", "collections.OrderedDict").make() == {}


@pytest.mark.parametrize(
    ("maker", "contract"),
    [
        (FormatMaker, IFormatMaker),
        (DeliveryMaker, IDeliveryMaker),
        (PackagerMaker, IPackagerMaker),
        (PrecutMaker, IPrecutMaker),
    ],
)
def test_a_maker_is_found_as_a_plugin(
    maker: type[FormatMaker | DeliveryMaker | PackagerMaker | PrecutMaker], contract: type[IPlugin]
) -> None:
    """It says what kind of thing it makes."""
    made = maker("x", "collections.OrderedDict")
    assert IPlugin.providedBy(made)
    assert contract.providedBy(made)


def test_the_plugin_file_burdens_no_other_twistd() -> None:
    """Every `twistd` on a machine loads the file; neither numpy nor the web comes with it."""
    script = (
        "import sys\n"
        "from twisted.plugins import mp4stream_plugin\n"
        "print([name for name in ('numpy', 'construct', 'crossplane', 'hls_mp4.web', 'twisted.web', "
        "'twisted.internet.reactor') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
