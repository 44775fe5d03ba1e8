"""A document into files: HTML, PDF, Word, the folder of a run, its stamp and its check."""
