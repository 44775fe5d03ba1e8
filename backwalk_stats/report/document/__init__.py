"""What a document is made of: sections, blocks, pictures, text; no format is known here."""
