"""Subtitles in files of their own: WebVTT and SubRip to cues."""
