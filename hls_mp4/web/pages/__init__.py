"""Pages for people: what a folder holds, and a player for a film."""
