"""Entries to a server manifest, as mp4split writes it: SMIL 2.0 in UTF-8, one `switch`."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from hls_mp4.containers.smil.manifest import Entry, ServerManifest

_ELEMENTS = {"video": "video", "audio": "audio", "text": "textstream"}


def write_manifest(manifest: ServerManifest, client_manifest: str = "", creator: str = "mp4stream") -> bytes:
    """Return the bytes of a server manifest.

    Args:
        manifest: what it offers.
        client_manifest: name of the manifest that IIS would make of it (clientManifestRelativePath); empty for none.
        creator: who wrote it.
    """
    metas = [("clientManifestRelativePath", client_manifest), ("creator", creator), ("title", manifest.title)]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<smil xmlns="http://www.w3.org/2001/SMIL20/Language">']
    lines.append("  <head>")
    lines += [f"    <meta name={_quoted(name)} content={_quoted(value)} />" for name, value in metas if value]
    lines += ["  </head>", "  <body>", "    <switch>"]
    for entry in manifest.entries:
        lines += _lines(entry)
    lines += ["    </switch>", "  </body>", "</smil>", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _lines(entry: Entry) -> list[str]:
    name = _ELEMENTS[entry.kind]
    attributes = f"src={_quoted(entry.source)}"
    if entry.bitrate:
        attributes += f' systemBitrate="{entry.bitrate}"'
    if entry.language:
        attributes += f" systemLanguage={_quoted(entry.language)}"
    told = [("trackID", str(entry.track) if entry.track else ""), ("trackName", entry.name)]
    told += [("trackLabel", entry.label), *entry.facts]
    parameters = [
        f'        <param name={_quoted(each)} value={_quoted(value)} valuetype="data" />'
        for each, value in told
        if value
    ]
    return [f"      <{name} {attributes}>", *parameters, f"      </{name}>"]


def _quoted(text: str) -> str:
    return quoteattr("".join(character if ord(character) >= 32 else " " for character in text))
