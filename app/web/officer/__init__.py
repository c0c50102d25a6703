"""Calls of a buyer: written, published, imported, amended, and mirrored while they are written."""
