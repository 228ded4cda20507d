"""Adobe's fragments for HTTP Dynamic Streaming: bootstraps, fragment indexes, and the FLV tags in an mdat.

HTTP Dynamic Streaming Specification 3.0, Adobe Flash Video File Format Specification 10.1, and their errata of 2014.
"""
