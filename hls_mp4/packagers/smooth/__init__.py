"""Smooth Streaming (MS-SSTR): a manifest of chunks by their times, and fragments of MP4 that need no init segment."""
