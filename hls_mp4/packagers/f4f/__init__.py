"""Files that Adobe's packager wrote: fragments in .f4f, and where they lie in .f4x."""
