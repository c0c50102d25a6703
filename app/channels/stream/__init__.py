"""The event log as server-sent events, for pages that show what happens while it happens."""
