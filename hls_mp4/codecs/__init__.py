"""Codecs: parameter sets and RFC 6381 strings. Pure; knows nothing of boxes."""
