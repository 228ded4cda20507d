"""Tests of hls_mp4.packagers.smooth."""
