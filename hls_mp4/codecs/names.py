"""What people call a codec, from its codec string (RFC 6381) or the four letters of its sample entry.

Whatever is not in the lists keeps its four letters: they say more than "unknown" would.
"""

from __future__ import annotations

_BY_ENTRY: dict[str, str] = {
    entry: name
    for name, entries in {
        "H.264": "avc1 avc2 avc3 avc4 dva1 dvav",
        "HEVC": "hvc1 hev1 dvh1 dvhe",
        "VVC": "vvc1 vvi1",
        "AV1": "av01 dav1",
        "VP8": "vp08",
        "VP9": "vp09",
        "VP6": "vp6f vp6a VP6F VP6A",
        "H.263": "s263 h263 FLV1 flv1",
        "MPEG-4 Visual": "mp4v",
        "ProRes": "apch apcn apcs apco ap4h ap4x",
        "Motion JPEG": "jpeg mjpa mjpb mjpg",
        "AAC": "mp4a",
        "MP3": ".mp3 mp3",
        "AC-3": "ac-3 sac3",
        "E-AC-3": "ec-3",
        "AC-4": "ac-4",
        "DTS": "dtsc dtsh dtsl dtse dtsx",
        "Opus": "Opus",
        "FLAC": "fLaC",
        "Apple Lossless": "alac",
        "AMR": "samr sawb",
        "PCM": "ipcm fpcm sowt twos lpcm in24 in32 fl32 fl64 raw NONE ulaw alaw",
        "Timed text": "tx3g text",
        "WebVTT": "wvtt",
        "TTML": "stpp",
        "CEA-608": "c608",
        "CEA-708": "c708",
        "Timecode": "tmcd",
    }.items()
    for entry in entries.split()
}

_BY_OBJECT_TYPE = {
    "mp4a.40.5": "HE-AAC",
    "mp4a.40.29": "HE-AAC v2",
    "mp4a.40.34": "MP3",
    "mp4a.40.42": "xHE-AAC",
    "mp4a.69": "MP3",
    "mp4a.6B": "MP3",
    "mp4a.A5": "AC-3",
    "mp4a.A6": "E-AC-3",
    "mp4a.A9": "DTS",
    "mp4a.AD": "Opus",
    "mp4a.DD": "Vorbis",
    "mp4v.6A": "MPEG-1 Video",
    "mp4v.6C": "JPEG",
    "mp4v.6D": "PNG",
    **{f"mp4v.{kind}": "MPEG-2 Video" for kind in ("60", "61", "62", "63", "64", "65")},
}
"""Object types of MPEG-4 elementary streams (ISO/IEC 14496-1 7.2.6.6 and its registry) that are no AAC, no MPEG-4."""


def codec_name(codec: str) -> str:
    """Return what people call a codec.

    Args:
        codec: "avc1.64001F", or "avc1" where no more is known; empty for none.
    """
    named = _BY_OBJECT_TYPE.get(codec)
    if named is None:
        entry = codec.partition(".")[0] or codec
        named = _BY_ENTRY.get(entry.strip(), entry.strip())
    return named
