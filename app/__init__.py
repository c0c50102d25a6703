"""Safqa: HTTP, pages, PostgreSQL, jobs and webhooks around the pure packages matching and scrapers."""

__version__ = "0.1.0"
