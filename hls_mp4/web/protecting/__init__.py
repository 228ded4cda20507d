"""What keeps requests out, or back: each family of directives in the module of its name."""
