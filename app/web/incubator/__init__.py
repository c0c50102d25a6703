"""Pages of incubators: their cohort, bringing it in, and what to print for its meetings."""
