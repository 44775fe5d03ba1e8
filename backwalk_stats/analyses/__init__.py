"""One question a file: a tidy frame in, a tidy frame of estimates out."""
