"""The event log for whoever comes and asks."""
