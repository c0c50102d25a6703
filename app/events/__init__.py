"""The event log: what happened that somebody may want to hear of. Domains append, channels read."""
