"""Organisations, API keys and scopes: who is calling, and what for."""
