"""Domain-free tools: imports nothing from the rest of the application."""
