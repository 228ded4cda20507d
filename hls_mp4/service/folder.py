"""The configuration of `twistd -n mp4stream --root DIR`: what a person would write to try one folder out."""

from __future__ import annotations

from collections.abc import Iterable

from hls_mp4.config.words import quote

_TEXT = """
error_log {error_log};
http {{
    access_log off;
    server {{
        listen {listen};
        location / {{
            root {root};
            autoindex on;
            autoindex_exact_size off;
            mp4;
            mp4_start_key_frame on;
            mp4_past_end last_key_frame;
            flv;
            flv_start time;
            flv_past_end last_key_frame;
        }}
    }}
}}
"""


def folder_configuration(root: str, listen: str, error_log: Iterable[str]) -> str:
    """Return a configuration that serves one folder.

    Clips begin at a key frame, hidden up to the asked moment, and a moment past the end is the last one: a person who
    clicks wants a picture.

    Args:
        root: absolute path of the folder.
        listen: as after `listen`.
        error_log: as after `error_log`.
    """
    return _TEXT.format(
        # A variable in a folder's name is not meant: the name is taken as it is.
        root=quote(root),
        listen=" ".join(quote(word) for word in listen.split()),
        error_log=" ".join(quote(word) for word in error_log),
    )
