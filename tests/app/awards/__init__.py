"""Tests of what awards tell."""
