"""What a decoder and a packager have to know of a stream of an FLV file: `Track.box` of its tracks.

Enhanced RTMP carries the records of MP4 as they are in its boxes; what old tags carry is given the same form, so that
a packager finds avcC, hvcC, av1C, vpcC, esds wherever it looks for them in an MP4 file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import audio_format, esds_of
from hls_mp4.containers.flv.packets import letters_of
from hls_mp4.containers.flv.scan import Stream
from hls_mp4.containers.flv.tag import AUDIO

_RECORDS = {"avc1": "avcC", "hvc1": "hvcC", "vvc1": "vvcC", "av01": "av1C", "vp08": "vpcC", "vp09": "vpcC"}
_AAC, _MP3 = 0x40, 0x6B
_OLD_RATES = (5512, 11025, 22050, 44100)
_FIXED = {4: 16000, 5: 8000, 7: 8000, 8: 8000, 11: 16000, 14: 8000}
_MP3_RATES = {0: (11025, 12000, 8000), 2: (22050, 24000, 16000), 3: (44100, 48000, 32000)}
_ENHANCED = 9


@dataclass(frozen=True, slots=True)
class FlvDescription:
    """A stream.

    Args:
        codec: four letters, see `packets`.
        specific: the decoder's configuration as the file has it: AVCDecoderConfigurationRecord, AudioSpecificConfig,
            OpusHead, ...; empty for codecs without one.
        configuration: the same as an MP4 file would have it.
        channels, rate: of audio, samples per second; 0 when unknown.
    """

    codec: str
    specific: bytes
    configuration: Configuration
    channels: int = 0
    rate: int = 0


def description_of(stream: Stream, specific: bytes) -> FlvDescription:
    """Return what is known of a stream.

    Args:
        stream: the stream.
        specific: its first configuration, empty when there is none.
    """
    codec = letters_of(stream.codec)
    records: Mapping[str, bytes] = {}
    entry = codec
    if codec in _RECORDS and specific:
        records = {_RECORDS[codec]: specific}
    elif codec == "mp4a":
        records = {"esds": esds_of(_AAC, specific)}
    elif codec == ".mp3":
        entry, records = "mp4a", {"esds": esds_of(_MP3)}
    rate, channels = _sound(stream, codec, specific) if stream.kind == AUDIO else (0, 0)
    return FlvDescription(codec, specific, Configuration(entry, False, records), channels, rate)


def _sound(stream: Stream, codec: str, specific: bytes) -> tuple[int, int]:
    """Return samples per second and channels, 0 for what nobody says."""
    if codec == "mp4a" and specific:
        try:
            return audio_format(specific)
        except LookupError:
            return 0, 0
    if codec == "Opus" and specific.startswith(b"OpusHead") and len(specific) > 9:
        return 48000, specific[9]
    first = stream.head[0] if stream.head else _ENHANCED << 4
    number = first >> 4
    if number == _ENHANCED:
        return 0, 0
    if codec == ".mp3" and len(stream.head) > 3 and stream.head[1] == 0xFF and stream.head[2] & 0xE0 == 0xE0:
        row = stream.head[3] >> 2 & 3
        rates = _MP3_RATES.get(stream.head[2] >> 3 & 3, (0, 0, 0))
        return (rates[row] if row < 3 else 0), 1 + (first & 1)
    mono = number in (4, 5, 11)
    return _FIXED.get(number, _OLD_RATES[first >> 2 & 3]), 1 if mono else 1 + (first & 1)
