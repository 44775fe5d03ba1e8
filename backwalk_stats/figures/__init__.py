"""One picture a file: a tidy frame in, a matplotlib Figure out; nothing is computed."""
