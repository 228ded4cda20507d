"""ISO base media file format (ISO/IEC 14496-12): boxes, the index of a film."""

from hls_mp4.containers.isobmff.format import IsobmffFormat

__all__ = ["IsobmffFormat"]
