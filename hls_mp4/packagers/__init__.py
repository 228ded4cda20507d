"""Packagers: (asset, request) -> Plan. Pure; one package per delivery format."""
