"""Containers: bytes to structures and back. Pure; one package per family."""
