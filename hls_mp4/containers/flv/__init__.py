"""Flash video (Video File Format Specification 10.1, Annex E; Enhanced RTMP v1 and v2). Pure."""

from hls_mp4.containers.flv.format import FlvFormat

__all__ = ["FlvFormat"]
