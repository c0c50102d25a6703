"""Compiled loops. Each is a pure function over arrays, releases the GIL and is compiled on its first call."""
