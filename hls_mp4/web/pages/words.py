"""What pages say of names, sizes, times and languages, and what people may write of times.

A name goes into a page as the bytes that it is on disk: percent-encoded in a link (RFC 3986 2.1), in text with U+FFFD
for what is no UTF-8.
"""

from __future__ import annotations

import re
import time
from urllib.parse import quote

_EARLIEST, _LATEST = -62135596800, 253402300799  # the years 1 to 9999; some file systems can store others

_CLOCK = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,5}):)?([0-9]{1,9})(?:[.,]([0-9]{0,9}))?", re.ASCII)

_LANGUAGES: dict[str, str] = {
    code: name
    for name, codes in {
        "Arabic": "ara",
        "Bulgarian": "bul",
        "Catalan": "cat",
        "Chinese": "zho chi",
        "Croatian": "hrv",
        "Czech": "ces cze",
        "Danish": "dan",
        "Dutch": "nld dut",
        "English": "eng",
        "Estonian": "est",
        "Finnish": "fin",
        "French": "fra fre",
        "German": "deu ger",
        "Greek": "ell gre",
        "Hebrew": "heb",
        "Hindi": "hin",
        "Hungarian": "hun",
        "Icelandic": "isl ice",
        "Indonesian": "ind",
        "Italian": "ita",
        "Japanese": "jpn",
        "Korean": "kor",
        "Latvian": "lav",
        "Lithuanian": "lit",
        "Norwegian": "nor nob nno",
        "Persian": "fas per",
        "Polish": "pol",
        "Portuguese": "por",
        "Romanian": "ron rum",
        "Russian": "rus",
        "Serbian": "srp",
        "Slovak": "slk slo",
        "Slovenian": "slv",
        "Spanish": "spa",
        "Swedish": "swe",
        "Thai": "tha",
        "Turkish": "tur",
        "Ukrainian": "ukr",
        "Vietnamese": "vie",
        "": "und mis zxx mul",
    }.items()
    for code in codes.split()
}


def readable(name: str) -> str:
    """Return a name as characters: what is no UTF-8 is U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def link_to(name: str) -> str:
    """Return a relative URL of a name, safe in an attribute; a colon in it does not look like a scheme's."""
    return quote(name.encode("utf-8", "surrogateescape"), safe="")


def size_text(size: int, *, exact: bool) -> str:
    """Return `1,234,567` or `1.2 MiB`."""
    if exact:
        return f"{size:,}"
    if size < 1024:
        return f"{size} B"
    value, unit = size / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < 1023.5:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def rate_text(bits: int) -> str:
    """Return bits per second as `96 kbit/s` or `4.2 Mbit/s`."""
    return f"{bits / 1000:.0f} kbit/s" if bits < 999_500 else f"{bits / 1_000_000:.1f} Mbit/s"


def clamped(mtime: int) -> int:
    """Return the nearest time that has a date."""
    return min(max(mtime, _EARLIEST), _LATEST)


def moment(mtime: int, *, localtime: bool) -> tuple[str, str]:
    """Return a time as the `datetime` of a <time> element, and as people read it."""
    at = (time.localtime if localtime else time.gmtime)(clamped(mtime))
    day, clock = f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}", f"{at.tm_hour:02d}:{at.tm_min:02d}"
    return f"{day}T{clock}{'' if localtime else 'Z'}", f"{day} {clock}"


def clock_text(ms: int) -> str:
    """Return a time in a film as `1:02:03`, or `2:03` below an hour; what is below a second is cut off."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def exact_clock_text(ms: int) -> str:
    """Return a time in a film that `read_clock` takes for the same one."""
    rest = f".{ms % 1000:03d}".rstrip("0").rstrip(".")
    return clock_text(ms) + rest


def read_clock(text: str) -> int | None:
    """Return milliseconds of `90`, `1:30`, `1:02:03.5` as people write times, None when it is none."""
    found = _CLOCK.fullmatch(text.strip(" \t"))
    if found is None:
        return None
    hours, minutes, seconds = (int(part or "0") for part in found.group(1, 2, 3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((found[4] or "")[:3].ljust(3, "0"))


def seconds_text(ms: int) -> str:
    """Return a time in seconds without decimals that say nothing: `90`, `90.5`."""
    return f"{ms // 1000}.{ms % 1000:03d}".rstrip("0").rstrip(".")


def language_name(code: str) -> str:
    """Return what people call a language of ISO 639-2, the code itself when it is rare, and nothing for `und`."""
    return _LANGUAGES.get(code, code)


def count_text(count: int, word: str) -> str:
    """Return `1 file` or `2 files`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
