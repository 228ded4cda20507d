"""The frame of a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.flv.tag import AUDIO, SCRIPT, VIDEO, FileHeader, file_header, tag
from hls_mp4.errors import MalformedMedia
from tests.flvs import FlvLibrary, Tag, tags_of, written


def test_a_header_is_read(flvs: FlvLibrary) -> None:
    """Flags and length are those of the file, also of a header that is longer than usual."""
    header = FileHeader.parse(flvs.data("h264"))
    assert (header.version, header.flags, header.first_tag) == (1, 5, 13)
    assert FileHeader.parse(flvs.data("long-header")).first_tag == 19


@pytest.mark.parametrize("head", [b"", b"FLV\x01\x05\0\0\0", b"FLX\x01\x05\0\0\0\x09", b"FLV\x01\x05\0\0\0\x08"])
def test_what_is_no_header_is_refused(head: bytes) -> None:
    """A file that is cut in its header, or of another kind, is named."""
    with pytest.raises(MalformedMedia, match="flv"):
        FileHeader.parse(head)


def test_a_header_is_what_nginx_sends() -> None:
    """Thirteen bytes: the header, and the size of no tag."""
    assert file_header(5) == b"FLV\x01\x05\0\0\0\x09\0\0\0\0"


@given(st.sampled_from([AUDIO, VIDEO, SCRIPT]), st.integers(0, 2**33), st.binary(max_size=300))
def test_a_tag_is_read_as_it_was_written(kind: int, time: int, payload: bytes) -> None:
    """Timestamps have 32 bits, the upper eight apart, and the size is repeated behind."""
    made = tag(kind, time, payload)
    assert made == written(Tag(kind, time, payload))
    assert tags_of(file_header(5) + made) == [Tag(kind, time % 2**32, payload, 13)]
