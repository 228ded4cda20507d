"""Backends for the tests of auth_request."""

from tests.web.proxying.conftest import backend

__all__ = ["backend"]
