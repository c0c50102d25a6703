"""The Model Context Protocol: read-only tools for language models, over the API's own routes and the caller's key."""
