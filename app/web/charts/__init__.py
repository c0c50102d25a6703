"""Plots as geometry, worked out here and drawn by templates as inline SVG, each with a table beside it."""
