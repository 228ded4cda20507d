"""The directives that give a configuration its shape; what they make of it is in `blocks`.

They are declared like all others, so that validation, near misses and the documentation treat them alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import (
    EVENTS,
    HTTP,
    LIMIT_EXCEPT,
    LOCATION,
    LOCATION_IF,
    MAIN,
    SERVER,
    SERVER_IF,
    Directive,
    Words,
)


@dataclass(frozen=True, slots=True)
class Opens(Words):
    """Arguments followed by `{ ... }` with directives inside."""


_DECLARED = (
    Directive(
        "events",
        MAIN,
        Opens("{ ... }", 0, 0),
        None,
        "Holds the directives about connection processing. It may be empty or absent.",
    ),
    Directive("http", MAIN, Opens("{ ... }", 0, 0), None, "Holds the servers and the directives common to them."),
    Directive("server", HTTP, Opens("{ ... }", 0, 0), None, "A virtual server.", repeated=True),
    Directive(
        "listen",
        SERVER,
        Words("address[:port] | port | unix:path [default_server] [backlog=number] [reuseport] [ipv6only=on|off] ..."),
        "*:80",
        "Where the server accepts connections. An IPv6 address stands in brackets, port 0"
        " takes any free port, and without the superuser's rights the default is *:8000. default_server answers the"
        " requests whose Host no server of the address names; the first server does when none says so.",
        repeated=True,
    ),
    Directive(
        "server_name",
        SERVER,
        Words("name ..."),
        '""',
        "Names of the virtual server: exact, with a wildcard (*.example.com, example.*, .example.com), or a regular"
        " expression after ~.",
        repeated=True,
        differs="regular expressions are Python's, with PCRE's spellings",
    ),
    Directive(
        "location",
        SERVER | LOCATION,
        Opens("[ = | ~ | ~* | ^~ ] uri { ... } | @name { ... }", 1, 2),
        None,
        "Settings for a part of the URIs: = this very one; otherwise those that begin with it, the longest beginning"
        " being best; ~ and ~* (any case) a regular expression, the first that matches being preferred to the best"
        " beginning unless that one has ^~. A name that begins with @, in a server only, is for internal redirects.",
        repeated=True,
        differs="regular expressions are Python's, with PCRE's spellings",
    ),
    Directive(
        "limit_except",
        LOCATION,
        Opens("method ... { ... }"),
        None,
        "Settings for all methods but these, usually allow and deny. GET stands for HEAD too.",
    ),
    Directive(
        "include",
        MAIN | EVENTS | HTTP | SERVER | LOCATION | LIMIT_EXCEPT | SERVER_IF | LOCATION_IF,
        Words("file | mask", 1, 1),
        None,
        "Another file, or all files that a mask matches, in the place of this line.",
        repeated=True,
    ),
)

STRUCTURE: dict[str, Directive] = {directive.name: directive for directive in _DECLARED}
"""Structural directives by name."""
