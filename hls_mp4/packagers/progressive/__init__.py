"""Clips: `?start=&end=` over a film, as one seekable progressive file."""
