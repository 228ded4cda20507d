"""How a request finds its file: rewrite, try_files, error_page, map and their kin, each in a module of its name.

Python's own words cannot name a module: `return` is in `returning`, `if` in `condition`, `break` in `rewrite`.
"""
