"""What HLS, DASH, Smooth Streaming and HDS have in common: settings, names of tracks in URLs."""
