"""Collectors: a portal or a file in, records out. Stands alone: no application, no database, no matching."""
