"""Tests of the links between tenders of different publishers."""
