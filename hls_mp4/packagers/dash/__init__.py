"""MPEG-DASH (ISO/IEC 23009-1): the manifest, and what it names."""
