"""`mp4frag`: cuts films for HTTP Dynamic Streaming beforehand, as OpenHttpStreamer's command of that name does.

Writes a manifest, and beside it an index, which the module `mp4frag` serves films by, or the fragments themselves.
Everything is written under another name first and renamed: whoever reads meanwhile sees the old or the new.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from hls_mp4.containers.mp4frag.index import packed_index
from hls_mp4.errors import StreamingError, UnsupportedMedia
from hls_mp4.interfaces import Asset, TruncatedSource
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mp4frag.listing import Listing, Quality
from hls_mp4.plan import Plan, render
from hls_mp4.sources.indexing import read_fully
from hls_mp4.tools.inspect import indexed_file

EPILOG = """\
Without --index or --template each fragment is written to a file of its own: FOLDER/QUALITY/Seg1-FragN, beside the
manifest, qualities from 0 in the order of --src, fragments from 1. With it FOLDER/index is written instead; films are
named in it as they lie from that folder, and must not change or move afterwards.

  mp4frag --src film_1080.mp4 --src film_720.mp4 --index --manifest /srv/media/film/manifest.f4m --video_id film

Films may be MP4, MOV, fragmented MP4 or FLV with H.264 and AAC; fragments can hold MP3 too. They have to be equally
long, with key frames at the same times.

exit status: 0; 1 and one line on standard error when nothing was written, or not all; 2 for a wrong command line
"""

_MODE = 0o644


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument(
        "--src", metavar="FILE", action="append", required=True, help="a film; once for each quality, in their order"
    )
    parser.add_argument("--manifest", metavar="FILE", default="manifest.f4m", help="manifest that is written")
    parser.add_argument("--video_id", metavar="ID", default="some_video", help="name of the film in the manifest")
    parser.add_argument(
        "--fragmentduration", metavar="MS", type=_milliseconds, default=3000, help="least length of a fragment (3000)"
    )
    parser.add_argument("--index", action="store_true", help="write an index instead of fragments")
    parser.add_argument("--template", action="store_true", dest="index", help="the same")
    parser.add_argument("--nofragments", action="store_true", help="write the manifest only")


def _milliseconds(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1 << 31:
        raise argparse.ArgumentTypeError(f"{text} is no length of a fragment")
    return number


def main(args: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="mp4frag", description="Cuts films for HTTP Dynamic Streaming.", allow_abbrev=False
    )
    add_arguments(parser)
    return run(parser.parse_args(args))


def run(options: argparse.Namespace) -> int:
    """Write what the command line asks for, or say why there is none."""
    manifest = Path(options.manifest)
    try:
        with ExitStack() as opened:
            listing = _listing(options.src, str(manifest.parent), options.fragmentduration, opened)
            for warning in listing.warnings():
                print(f"mp4frag: {warning}", file=sys.stderr)
            text = listing.manifest(options.video_id).encode()
            if options.index:
                data = packed_index([listing.written(quality) for quality in listing.qualities])
                _write(manifest.parent / "index", (data,))
            elif not options.nofragments:
                _write_fragments(listing, manifest.parent)
            _write(manifest, (text,))
    except (StreamingError, TruncatedSource) as problem:
        print(f"mp4frag: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"mp4frag: {problem.filename}: {problem.strerror}", file=sys.stderr)
        return 1
    return 0


def _listing(paths: Sequence[str], folder: str, duration_ms: int, opened: ExitStack) -> Listing:
    """Return films as they are to be cut.

    Args:
        paths: of the films.
        folder: of the index.
        duration_ms: least length of a fragment.
        opened: closes the films.

    Raises:
        StreamingError: they cannot be.
        OSError: they cannot be read.
    """
    assets = []
    qualities = []
    for source, path in enumerate(paths):
        try:
            index = indexed_file(path)
        except StreamingError as problem:
            raise type(problem)(f"{path}: {problem}") from problem
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        opened.callback(os.close, fd)
        assets.append(Asset(index, fd))
        name = path if Path(path).is_absolute() else os.path.relpath(path, folder or ".")
        qualities.append(Quality(path, os.fsencode(name), index.size, source))
    policy = SegmentPolicy(duration_ms, rule="at_least")
    for asset, path in zip(assets, paths, strict=True):
        try:
            Presentation.of([asset], policy)
        except StreamingError as problem:
            raise type(problem)(f"{path}: {problem}") from problem
    return Listing(Presentation.of(assets, policy), qualities)


def _write_fragments(listing: Listing, folder: Path) -> None:
    for quality in listing.qualities:
        place = folder / str(quality.source)
        place.mkdir(exist_ok=True)
        for number, plan in enumerate(listing.fragments(quality), 1):
            _write(place / f"Seg1-Frag{number}", (_rendered(plan, quality.path),))


def _rendered(plan: Plan, path: str) -> bytes:
    def read(fd: int, offset: int, length: int) -> bytes:
        data = read_fully(fd, offset, length)
        if len(data) != length:
            raise UnsupportedMedia(f"{path} became shorter while it was read")
        return data

    return render(plan, read)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file under another name, and rename it when it is complete."""
    try:
        fd, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path)) from problem
    try:
        with os.fdopen(fd, "wb") as file:
            file.writelines(pieces)
            os.fchmod(file.fileno(), _MODE & ~_umask())
        Path(half).replace(path)
    except BaseException:
        Path(half).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return which permissions new files do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    sys.exit(main())
