"""What published summaries determine, and individual data that would print them."""
