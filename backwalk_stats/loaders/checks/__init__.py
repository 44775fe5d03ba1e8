"""What the data of a trial may say against themselves, one suspicion a file; nothing is changed."""
