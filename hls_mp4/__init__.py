"""mp4stream: a video server on Twisted. docs/architecture.md is the map."""

__version__ = "0.1.0.dev0"
