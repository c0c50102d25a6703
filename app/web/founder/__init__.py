"""What a founder keeps: the profile, papers with their last days, deadlines by month, what would open more calls."""
