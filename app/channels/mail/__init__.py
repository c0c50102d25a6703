"""Digests by mail, to addresses whose owners have said yes; a notice when an endpoint was switched off."""
