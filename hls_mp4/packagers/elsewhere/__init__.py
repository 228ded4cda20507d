"""URLs of other servers: nginx-vod-module's, nginx Plus's and Unified Streaming's names for what we have too."""
