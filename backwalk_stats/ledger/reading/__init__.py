"""What a record says: printed numbers, spellings, and how numbers were made."""
