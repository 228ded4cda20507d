"""What HLS, DASH, Smooth Streaming and HDS have in common: names of tracks in URLs, bytes of samples."""
