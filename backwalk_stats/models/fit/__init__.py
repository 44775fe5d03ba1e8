"""What a fitted model shows of itself: estimates, means, contrasts, variances, a summary."""
