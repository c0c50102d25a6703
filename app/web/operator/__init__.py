"""Pages of whoever runs this installation: the sources, who is on it, how it is."""
