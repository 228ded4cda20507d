"""Directives of nginx's ngx_http_ssl_module: which certificate a server shows, and what it agrees to.

What the library cannot do is refused or told by name: `ssl_session_ticket_key` and `ssl_stapling` are ignored with a
warning, commands of `ssl_conf_command` other than those below are errors. Names of files with variables are refused:
certificates are read once, before root is given up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import (
    HTTP,
    SERVER,
    Choice,
    Flag,
    Number,
    Parsed,
    Path,
    Size,
    Text,
    Time,
    directive,
    one,
    parse_size,
)

VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""nginx's words for the versions of the protocol, the oldest first."""

CONF_COMMANDS = ("Ciphersuites", "Curves", "Groups", "SignatureAlgorithms")
"""Commands of SSL_CONF_cmd(3) that are understood."""

_BLOCKS = HTTP | SERVER
_LEAST_CACHE = 8 * 4096  # nginx's smallest shared memory


def read_file(args: Sequence[str]) -> str:
    """Return the file of `ssl_certificate` or `ssl_certificate_key`."""
    path = one(args)
    if "$" in path:
        raise ValueError(f'variables are not supported in "{path}": the file is read when the daemon starts')
    if path.startswith(("data:", "engine:", "store:")):
        raise ValueError(f'"{path.partition(":")[0]}:" is not supported, name a file')
    return path


def _file_paths(args: Sequence[str]) -> Sequence[int]:
    """Return which arguments are paths."""
    return () if not args or args[0].startswith(("data:", "engine:", "store:")) or "$" in args[0] else (0,)


def read_protocols(args: Sequence[str]) -> frozenset[str]:
    """Return the versions that `ssl_protocols` allows."""
    if not args:
        raise ValueError("invalid number of arguments")
    for word in args:
        if word in ("SSLv2", "SSLv3"):
            raise ValueError(f'"{word}" is not supported, it has been broken for years')
        if word not in VERSIONS:
            raise ValueError(f'invalid value "{word}", it must be one of {", ".join(VERSIONS)}')
    return frozenset(args)


def read_session_cache(args: Sequence[str]) -> str:
    """Return "off", "none" or "on" of `off | none | [builtin[:size]] [shared:name:size]`.

    One process has one kind of cache: sizes and names are checked and change nothing.
    """
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    if list(args) in (["off"], ["none"]):
        return args[0]
    for word in args:
        if re.fullmatch("builtin(:[0-9]{1,9})?", word):
            continue
        found = re.fullmatch("shared:([^:]+):([^:]+)", word)
        if not found:
            raise ValueError(f'invalid session cache "{word}"')
        if parse_size(found[2]) < _LEAST_CACHE:
            raise ValueError(f'session cache "{found[1]}" is too small')
    return "on"


def read_conf_command(args: Sequence[str]) -> tuple[str, str]:
    """Return name and value of `ssl_conf_command`."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    if args[0] not in CONF_COMMANDS:
        raise ValueError(f'"{args[0]}" is not supported, only {", ".join(CONF_COMMANDS)}')
    return args[0], args[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Encrypted connections: `listen ... ssl`."""

    certificates: tuple[str, ...] = directive(
        "ssl_certificate",
        _BLOCKS,
        Parsed("file", read_file, _file_paths),
        default=(),
        repeated=True,
        doc="PEM file with the server's certificate and those between it and the authority; one for each kind of key.",
    )
    keys: tuple[str, ...] = directive(
        "ssl_certificate_key",
        _BLOCKS,
        Parsed("file", read_file, _file_paths),
        default=(),
        repeated=True,
        doc="PEM file with the certificate's key, in the order of the certificates.",
    )
    passwords: str | None = directive(
        "ssl_password_file",
        _BLOCKS,
        Path("file"),
        default=None,
        doc="File with passwords of keys, one in a line; each is tried.",
    )
    protocols: frozenset[str] = directive(
        "ssl_protocols",
        _BLOCKS,
        Parsed("[TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3]", read_protocols),
        default="TLSv1.2 TLSv1.3",
        doc="Versions that are spoken; they hold for the server that a client names.",
        differs="those of the server hold which a client names, not the default server's",
    )
    ciphers: str = directive(
        "ssl_ciphers",
        _BLOCKS,
        Text("ciphers"),
        default="HIGH:!aNULL:!MD5",
        doc="Ciphers up to TLSv1.2, as OpenSSL writes them.",
    )
    prefer_server_ciphers: bool = directive(
        "ssl_prefer_server_ciphers", _BLOCKS, Flag(), default="off", doc="Whose order of ciphers decides."
    )
    curves: str = directive(
        "ssl_ecdh_curve",
        _BLOCKS,
        Text("curve"),
        default="auto",
        doc="Groups for the exchange of keys, with colons between them; auto leaves it to OpenSSL.",
    )
    dhparam: str | None = directive(
        "ssl_dhparam", _BLOCKS, Path("file"), default=None, doc="Parameters for ciphers with DHE."
    )
    conf_commands: tuple[tuple[str, str], ...] = directive(
        "ssl_conf_command",
        _BLOCKS,
        Parsed("name value", read_conf_command),
        default=(),
        repeated=True,
        doc="Command of OpenSSL: Ciphersuites (of TLSv1.3), Groups or Curves, SignatureAlgorithms.",
    )
    buffer_size: int = directive(
        "ssl_buffer_size",
        _BLOCKS,
        Size(least=1),
        default="16k",
        doc="Most that is encrypted as one record; a small one lets the first bytes be read sooner.",
    )
    session_cache: str = directive(
        "ssl_session_cache",
        _BLOCKS,
        Parsed("off | none | [builtin[:size]] [shared:name:size]", read_session_cache),
        default="none",
        doc="Whether sessions are kept for clients that come back; the size of the cache is OpenSSL's.",
        differs="the size of the cache is OpenSSL's",
    )
    session_timeout: int = directive(
        "ssl_session_timeout", _BLOCKS, Time(), default="5m", doc="How long a session may be resumed."
    )
    session_tickets: bool = directive(
        "ssl_session_tickets", _BLOCKS, Flag(), default="on", doc="Whether clients keep their sessions themselves."
    )
    verify: str = directive(
        "ssl_verify_client",
        _BLOCKS,
        Choice(("on", "off", "optional", "optional_no_ca")),
        default="off",
        doc="Whether clients have to show a certificate (400 without), may, or may show one of any authority.",
    )
    verify_depth: int = directive(
        "ssl_verify_depth",
        _BLOCKS,
        Number(most=100),
        default="1",
        doc="Certificates that may stand between a client's and a trusted one.",
    )
    client_certificate: str | None = directive(
        "ssl_client_certificate",
        _BLOCKS,
        Path("file"),
        default=None,
        doc="Authorities that clients' certificates may be of; clients are told their names.",
    )
    trusted_certificate: str | None = directive(
        "ssl_trusted_certificate",
        _BLOCKS,
        Path("file"),
        default=None,
        doc="Authorities that clients' certificates may be of, and whose names clients are not told.",
    )
    revoked: str | None = directive(
        "ssl_crl", _BLOCKS, Path("file"), default=None, doc="Clients' certificates that are revoked."
    )
    reject_handshake: bool = directive(
        "ssl_reject_handshake",
        _BLOCKS,
        Flag(),
        default="off",
        doc="Refuses the handshake of clients that name this server, or none when it is the default one.",
    )
