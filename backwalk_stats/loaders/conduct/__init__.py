"""What happened during a trial beside its outcomes: sessions that people came to, and harms."""
