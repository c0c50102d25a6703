"""Help around a match: meetings of the two sides, offers of partner organisations, and a catalogue of public aid."""
