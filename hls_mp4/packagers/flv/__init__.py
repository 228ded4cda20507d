"""Pseudo-streaming of FLV: a film from any byte, key frame or second on, decodable from its first byte."""
