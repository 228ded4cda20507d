"""Pages for statuses: short, plain, and nothing of the request in them.

Phrases are those of the IANA registry (RFC 9110), the same with every version of Python.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from http import HTTPStatus

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;margin:15vh auto;padding:0 1rem;
max-width:32rem;text-align:center}}h1{{font-weight:500}}p{{opacity:.7}}</style></head>
<body><h1>{title}</h1>{signature}</body>
</html>
"""

_PHRASES = {
    **{status.value: status.phrase for status in HTTPStatus},
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}

# nginx's numbers for kinds of 400
_TITLES = {
    494: "400 Request Header Or Cookie Too Large",
    495: "400 The SSL certificate error",
    496: "400 No required SSL certificate was sent",
    497: "400 The plain HTTP request was sent to HTTPS port",
}


def phrase_of(status: int) -> str:
    """Return `Not Found`; empty for a status that has no name."""
    return _PHRASES.get(status, "")


def title_of(status: int) -> str:
    """Return `404 Not Found`."""
    return _TITLES.get(status) or f"{status} {phrase_of(status)}".rstrip()


@lru_cache(maxsize=256)
def error_page(status: int, signature: str = "") -> tuple[str, bytes]:
    """Return the content type and the body of a status page.

    Args:
        status: what it is about; also one of nginx's own, 494 to 497.
        signature: what made it, a text of the configuration; empty for none.
    """
    signed = f"<p>{escape(signature)}</p>" if signature else ""
    return "text/html; charset=utf-8", _PAGE.format(title=title_of(status), signature=signed).encode("utf-8", "replace")
