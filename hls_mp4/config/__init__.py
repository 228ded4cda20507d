"""nginx's configuration language to typed, frozen settings; every error with file:line."""
