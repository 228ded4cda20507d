"""The command line: mp4stream check, dump, inspect."""
