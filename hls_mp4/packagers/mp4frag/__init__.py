"""OpenHttpStreamer's nginx module: fragments that its command `mp4frag` has listed in a file called index."""
