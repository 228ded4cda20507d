"""What a server manifest (.ism) makes of the tracks of its files."""
