"""Fragmented MP4: init segments, media segments and their index (ISO/IEC 14496-12 8.8, 8.16; ISO/IEC 23000-19 CMAF)."""
