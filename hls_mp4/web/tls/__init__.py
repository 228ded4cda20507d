"""TLS at the edge: what a server agrees to, the connection that encrypts, and what requests may know of it."""
