"""The HTTP edge: site, channel, request, locations, conditional requests, sender, access, log."""
