"""`mp4stream inspect`: what is in a film, learned as the server learns it: without reading its media."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from dataclasses import asdict

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.errors import MalformedMedia, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.index import MediaIndex
from hls_mp4.sources.indexing import PROBE_BYTES, format_of, read_fully
from hls_mp4.tools.film_report import FilmReport, film_report
from hls_mp4.tools.film_text import film_text

LIMITS = IndexLimits(max_buffer_size=1 << 30)
"""A film that a server would refuse for its metadata is shown all the same: that is when one looks."""

FORMATS = (IsobmffFormat(), FlvFormat())

EPILOG = """\
JSON: one object. Its keys stay; new ones may be added. Offsets and sizes are bytes, times are seconds unless they
are called units.

  file, format, size, timescale, duration, duration_units, faststart, fragmented
  brands          null, or: major, minor_version, compatible (list)
  index           reads, bytes_read, metadata_size, memory: what indexing costs; metadata_size is what
                  mp4_max_buffer_size is compared with
  tracks[]        id, kind (video, audio, text, subtitles, ...), handler, codec (RFC 6381), protected, enabled,
                  language, width, height, frame_rate (null unless video), channels, sample_rate, timescale,
                  duration, duration_units, samples, bytes, bitrate (bits per second)
    edits[]       duration, media_time (null: shows nothing for that long), rate
    key_frames    every_sample, count, shortest, longest, average (distances; null below two key frames),
                  times (as the film shows them; where a track has several edits, before edits)
  boxes[]         type, offset, size, boxes[]: the first 10,000 of the top level, moov with all that is in it;
                  none in FLV
  flash           null, or of FLV: promised (audio, video: what the file's header says), first_tag (offset), end
                  (offset behind the last good tag), metadata_state, metadata (what onMetaData says, key frames as
                  their number), truthful (whether size, duration and key frames are there and right),
                  sequence_headers (list of kind and offset), problem (empty when all tags are sound)

exit status: 0, or 1 and one line on standard error when the file cannot be read or is no film that makes sense
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help="a film: MP4, MOV, M4A, fragmented MP4, FLV")
    parser.add_argument("--json", action="store_true", help="print JSON, with the times of all key frames")


def run(options: argparse.Namespace) -> int:
    """Print what is in a film, or why that cannot be told."""
    try:
        film = inspected(options.file)
    except StreamingError as e:
        print(f"{options.file}: {e}", file=sys.stderr)
        return 1
    except OSError as e:
        print(f'{options.file}: open() "{options.file}" failed ({e.errno}: {e.strerror})', file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(asdict(film), indent=2))
    else:
        print("\n".join(film_text(film)))
    return 0


def inspected(path: str) -> FilmReport:
    """Return the report of a film.

    Raises:
        StreamingError: the file is no film, or contradicts itself.
        OSError: it cannot be read.
    """
    index, reads, bytes_read = _read(path)
    return film_report(path, index, reads, bytes_read)


def indexed_file(path: str) -> MediaIndex:
    """Return the index of a film; raises as `inspected`."""
    return _read(path)[0]


def _read(path: str) -> tuple[MediaIndex, int, int]:
    """Return the index of a film, how often it was read for it, and how many bytes."""
    # A pipe without a writer would let us wait for ever.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise UnsupportedMedia("is a directory")
        if not stat.S_ISREG(found.st_mode):
            raise UnsupportedMedia("is not a regular file")
        if not found.st_size:
            raise MalformedMedia("is empty")
        return _indexed(fd, found.st_size)
    finally:
        os.close(fd)


def _indexed(fd: int, size: int) -> tuple[MediaIndex, int, int]:
    """Return the index of an open file, how often it was read for it, and how many bytes."""
    form = format_of(read_fully(fd, 0, PROBE_BYTES), FORMATS)
    if form is None:
        raise UnsupportedMedia("no known media format", offset=0)
    reads = bytes_read = 0
    indexing = form.index(size, LIMITS)
    try:
        wanted = next(indexing)
        while True:
            data = read_fully(fd, wanted.offset, wanted.length)
            reads += 1
            bytes_read += len(data)
            wanted = indexing.send(data)
    except StopIteration as done:
        return done.value, reads, bytes_read
