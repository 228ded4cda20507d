"""Where the subtitles of a film come from: files beside it, and text tracks in it."""
