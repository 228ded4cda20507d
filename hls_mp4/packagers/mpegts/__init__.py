"""MPEG-TS segments for HLS (RFC 8216 3.2): pictures, sound or both of a presentation, packed when they are sent."""
