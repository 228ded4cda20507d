"""Where lines of logs go, and what they look like; `hls_mp4.web.accesslog` has the directives."""
