"""What a record says about the claims of an article: kind of claim, findings, verdict, sentences."""
