"""Which content codings a client takes: Accept-Encoding (RFC 9110 12.5.3), for gzip only.

What is malformed in the header is as if it were not there, and never makes a client get what it may not understand.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LISTED = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?")


@lru_cache(maxsize=256)
def takes_gzip(header: str) -> bool:
    """Tell whether a client takes gzip and does not like the plain body better.

    Args:
        header: value of Accept-Encoding, several lines joined.
    """
    weights: dict[str, float] = {}
    for listed in header.split(","):
        found = _LISTED.fullmatch(listed.strip(" \t"))
        if found:
            coding = found[1].lower().removeprefix("x-")
            weight = float(found[2]) if found[2] else 1.0
            weights[coding] = min(weight, weights.get(coding, 1.0))  # of two the smaller one is safe
    gzip = weights.get("gzip", weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)
