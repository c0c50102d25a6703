"""Pages of a buyer that show startups: candidates of a call, side by side, exported, on a map, and the audit trail."""
