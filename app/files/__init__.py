"""Flat files and OCDS packages in, records out; records out as files. No database, no network."""
