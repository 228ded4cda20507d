"""What every packager reads: the index of a film, its tracks, its sample tables. Pure."""
