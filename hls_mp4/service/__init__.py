"""The daemon: options, service tree, listeners, pid file, logs."""
