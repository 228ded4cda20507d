"""HTTP Live Streaming (RFC 8216 and draft-pantos-hls-rfc8216bis): playlists, and which bytes their URLs are."""
