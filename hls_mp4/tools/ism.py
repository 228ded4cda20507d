"""`mp4stream ism`: writes the server manifest of several films, as `mp4split -o film.ism` does."""

from __future__ import annotations

import argparse
import os
import posixpath
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hls_mp4.containers.smil.manifest import MOST_ENTRIES, MOST_SOURCES, Entry, ServerManifest
from hls_mp4.containers.smil.write import write_manifest
from hls_mp4.errors import MalformedMedia, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.captions.sidecars import side_car
from hls_mp4.packagers.segmenting.languages import UNKNOWN
from hls_mp4.tools.inspect import indexed_file

EPILOG = """\
Options that follow a film are of that film, as mp4split has it:

  --track_type=video|audio|text   only its tracks of this kind
  --track_id=N                    only this track
  --track_language=eng            the language of its tracks, whatever the film says
  --track_name=NAME               what its tracks are called in the manifest
  --track_label=TEXT              what people are shown

  mp4stream ism -o film.ism film_1080.mp4 film_720.mp4 --track_type=video dub.mp4 --track_type=audio \\
      --track_language=deu film.en.vtt --track_language=eng

Films are named as they lie from the manifest's folder: they can be moved together. A server reads only what lies below
its root.

exit status: 0, or 1 and one line on standard error when a film cannot be read or has no such track
"""

_KINDS = {"video": "video", "audio": "audio", "text": "text", "textstream": "text"}
_OPTIONS = ("track_type", "track_id", "track_language", "track_name", "track_label")
_TEXTS = (".vtt", ".srt")
_NAMES = {"video": "video", "audio": "audio", "text": "textstream"}


@dataclass(slots=True)
class _Input:
    """A film on the command line, with the options that follow it."""

    path: str
    options: dict[str, str] = field(default_factory=dict)


class _Mistake(Exception):
    """A command line that makes no sense."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.usage = "mp4stream ism [-h] -o FILE.ism FILM [--track_...] [FILM [--track_...] ...]"
    parser.add_argument("-o", "--output", metavar="FILE", help="the server manifest that is written")
    parser.add_argument("films", nargs=argparse.REMAINDER, metavar="FILM", help="films, each with options of its own")


def run(options: argparse.Namespace) -> int:
    """Write a server manifest, or say why there is none."""
    try:
        output, inputs = _command_line(options.output, options.films)
    except _Mistake as mistake:
        print(f"mp4stream ism: {mistake}", file=sys.stderr)
        return 2
    entries: list[Entry] = []
    folder = str(Path(output).parent)
    for each in inputs:
        try:
            entries += _entries(each, folder)
        except StreamingError as problem:
            print(f"{each.path}: {problem}", file=sys.stderr)
            return 1
        except OSError as problem:
            print(f'{each.path}: open() "{each.path}" failed ({problem.errno}: {problem.strerror})', file=sys.stderr)
            return 1
    manifest = ServerManifest(tuple(entries))
    if len(entries) > MOST_ENTRIES or len(manifest.sources) > MOST_SOURCES:
        print(f"mp4stream ism: a manifest has up to {MOST_ENTRIES} tracks of {MOST_SOURCES} films", file=sys.stderr)
        return 1
    try:
        _write(output, write_manifest(manifest, f"{Path(output).stem}.ismc"))
    except OSError as problem:
        print(f'{output}: open() "{output}" failed ({problem.errno}: {problem.strerror})', file=sys.stderr)
        return 1
    return 0


def _command_line(output: str | None, words: Sequence[str]) -> tuple[str, list[_Input]]:
    """Return where to write, and the films with their options; raises _Mistake."""
    inputs: list[_Input] = []
    rest = list(words[1:] if words[:1] == ["--"] else words)
    while rest:
        word = rest.pop(0)
        if word in ("-o", "--output"):
            if not rest:
                raise _Mistake("-o needs a file")
            output = rest.pop(0)
        elif word.startswith("--"):
            name, sign, value = word[2:].partition("=")
            if name not in _OPTIONS:
                raise _Mistake(f'unknown option "--{name}"')
            if not sign:
                if not rest:
                    raise _Mistake(f"--{name} needs a value")
                value = rest.pop(0)
            if not inputs:
                raise _Mistake(f"--{name} follows the film that it is of")
            inputs[-1].options[name] = value
        else:
            inputs.append(_Input(word))
    if output is None:
        raise _Mistake("-o says where to write")
    if output.lower().endswith(".isml"):
        raise _Mistake("manifests of live channels are not written")
    if not inputs:
        raise _Mistake("there is no film")
    for each in inputs:
        _check(each.options)
    return output, inputs


def _check(options: dict[str, str]) -> None:
    kind, number = options.get("track_type"), options.get("track_id")
    if kind is not None and kind not in _KINDS:
        raise _Mistake(f'invalid --track_type "{kind}", it must be video, audio or text')
    if number is not None and not (number.isascii() and number.isdigit() and 0 < int(number) < 1 << 32):
        raise _Mistake(f'invalid --track_id "{number}"')


def _told(name: str) -> str:
    """Return the language that the name of a subtitle file tells, as of one beside a film; empty for none."""
    stems = [name[:at] for at, letter in enumerate(name) if letter == "."]
    found = [car.language for car in (side_car(stem, name) for stem in stems) if car is not None]
    return next((language for language in found if language != UNKNOWN), "")


def _entries(each: _Input, folder: str) -> Iterator[Entry]:
    """Yield what a film has to offer; raises StreamingError and OSError."""
    source = os.path.relpath(each.path, folder).replace(os.sep, "/")
    language = each.options.get("track_language", "")
    name, label = each.options.get("track_name", ""), each.options.get("track_label", "")
    if each.path.lower().endswith(_TEXTS):
        if not stat.S_ISREG(Path(each.path).stat().st_mode):
            raise UnsupportedMedia("is not a regular file")
        language = language or _told(posixpath.basename(source))
        yield Entry("text", source, language=language, name=name or _name("text", language), label=label)
        return
    renditions = Presentation.of([Asset(indexed_file(each.path), None)]).renditions
    kind, number = each.options.get("track_type"), each.options.get("track_id")
    chosen = [
        rendition
        for rendition in renditions
        if (kind is None or rendition.kind == _KINDS[kind]) and (number is None or rendition.track.id == int(number))
    ]
    if not chosen:
        raise MalformedMedia("has no such track")
    for rendition in chosen:
        spoken = language or rendition.language
        yield Entry(
            kind=rendition.kind,
            source=source,
            track=rendition.track.id,
            bitrate=rendition.bitrate,
            language="" if spoken == "und" else spoken,
            name=name or _name(rendition.kind, spoken),
            label=label,
            facts=tuple(_facts(rendition)),
        )


def _name(kind: str, language: str) -> str:
    """Return what mp4split calls a track: `audio_eng`."""
    return f"{_NAMES[kind]}_{language}" if language and language != "und" else _NAMES[kind]


def _facts(rendition: Rendition) -> Iterator[tuple[str, str]]:
    """Yield what other servers want to be told beside."""
    track = rendition.track
    yield "FourCC", track.codec
    yield "timescale", str(track.timescale)
    if rendition.kind == "video":
        yield from (("MaxWidth", str(track.width)), ("MaxHeight", str(track.height)))
    elif rendition.kind == "audio":
        yield from (("SamplingRate", str(track.rate)), ("Channels", str(track.channels)))


def _write(path: str, data: bytes) -> None:
    """Write a file in one step: a server that reads it meanwhile has the old one or the new one. Raises OSError."""
    fd, half = tempfile.mkstemp(dir=Path(path).parent, prefix=".ism-")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o666 & ~_mask())
        Path(half).replace(path)
    except BaseException:
        Path(half).unlink()
        raise


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
