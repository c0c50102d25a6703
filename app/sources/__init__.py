"""Collected sources: portals crawled into the database, followed, replayed, shown with their licence."""
