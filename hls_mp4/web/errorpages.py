"""Pages for statuses: short, plain, and nothing of the request in them."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;margin:15vh auto;padding:0 1rem;
max-width:32rem;text-align:center}}h1{{font-weight:500}}p{{opacity:.7}}</style></head>
<body><h1>{title}</h1><p>mp4stream</p></body>
</html>
"""


def title_of(status: int) -> str:
    """Return `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


@lru_cache(maxsize=100)
def error_page(status: int) -> tuple[str, bytes]:
    """Return the content type and the body of a status page."""
    return "text/html; charset=utf-8", _PAGE.format(title=title_of(status)).encode("utf-8")
