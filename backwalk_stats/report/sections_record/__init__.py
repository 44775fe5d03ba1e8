"""One section of the report a file: the results in, blocks of text, tables and figures out."""
