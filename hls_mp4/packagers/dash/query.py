"""What URLs in a manifest end with: arguments that are carried on, a token for each viewer.

The manifest is written and kept once, with marks that no other text of it can hold, for XML cannot hold them.
"""

from __future__ import annotations

from hls_mp4.packagers.dash.xml import attribute, content

QUERY, TEMPLATE_QUERY = "\0", "\1"
"""Where arguments go: at the end of a BaseURL, and of a template, where a dollar sign is written twice."""


def with_query(manifest: str, forward: str) -> str:
    """Return a manifest whose URLs end with arguments.

    Args:
        manifest: with marks.
        forward: the arguments; empty for none.
    """
    query = f"?{forward}" if forward else ""
    return manifest.replace(QUERY, content(query)).replace(TEMPLATE_QUERY, attribute(query.replace("$", "$$")))
