"""Where bytes come from: local files, and the cache of their indexes."""
