"""A thin typed layer over PGQueuer; knows no domain."""
