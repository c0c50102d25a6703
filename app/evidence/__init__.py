"""Evidence: what a startup can show to enter a call, for its owner alone; kept with its history and its files."""
