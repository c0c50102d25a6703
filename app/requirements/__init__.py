"""Requirements: what calls ask for, read from their records and documents, corrected by their owners."""
