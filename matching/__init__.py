"""Pure matching: text and numbers in, scores and reasons out. No HTTP, no database, no clock, no environment."""
