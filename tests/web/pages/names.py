"""Names of files as a file system can have them."""

from __future__ import annotations

import os

from hypothesis import strategies as st

names = (
    st.binary(min_size=1, max_size=40)
    .filter(lambda raw: b"/" not in raw and b"\0" not in raw and raw not in (b".", b".."))
    .map(os.fsdecode)
)
