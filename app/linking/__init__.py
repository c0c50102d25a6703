"""The same call on several portals: linked by rules that keep their evidence, shown once, and undone where wrong."""
