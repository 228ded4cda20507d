"""HTTP/2 (RFC 9113) at the edge: connections, their streams, and what bounds them."""
