"""What follows from everything that a report publishes, taken together: an attack on oneself."""
