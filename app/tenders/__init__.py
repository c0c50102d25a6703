"""Tenders: posted, amended, withdrawn, found, read in order of change, and given out as OCDS."""
