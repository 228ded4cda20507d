"""Films behind a URL: which files they are, opened and indexed together, and the presentation they make."""
