"""The `index` files of OpenHttpStreamer's mp4frag: films that are cut for HTTP Dynamic Streaming beforehand."""
