"""Meetings of the two sides of a match: asked for, answered, moved, called off."""
