"""Where the files of a server manifest lie: beside it, or below the folder that is served, never outside of it."""

from __future__ import annotations

import posixpath
import re

from hls_mp4.errors import Forbidden, UnsupportedMedia

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def source_path(manifest: str, source: str, root: str) -> str:
    """Return the path of a file that a server manifest names.

    Args:
        manifest: absolute path of the manifest.
        source: as the manifest has it: relative to its own folder; Windows' separators are read too.
        root: folder that is served; the file lies in it.

    Raises:
        UnsupportedMedia: it is a URL.
        Forbidden: it leads out of the root.
    """
    if _SCHEME.match(source) or source.startswith(("//", "\\\\")):
        raise UnsupportedMedia(f'"{source[:200]}" is on another server, only files beside a manifest are read')
    relative = source.replace("\\", "/")
    if relative.startswith("/") or "\0" in relative:
        raise Forbidden(f'"{source[:200]}" is no path that is relative to the manifest')
    found = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), relative))
    base = root.rstrip("/") + "/"
    if not found.startswith(base):
        raise Forbidden(f'"{source[:200]}" leads out of the folder that is served')
    return found
