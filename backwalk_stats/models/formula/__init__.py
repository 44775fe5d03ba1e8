"""Formula and frame to design arrays: the language, its terms, the coding and the rows used."""
