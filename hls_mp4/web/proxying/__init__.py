"""Asking another server over HTTP whether a client may come in: proxy_pass, for subrequests of auth_request."""
