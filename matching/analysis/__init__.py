"""Texts to rows, compiled. ``Analyser`` is the way in; ``matching.extraction`` says in plain Python what it does."""
