"""Pilots: a buyer's problem is tried out by a startup, and a success becomes an attestation that anybody can check."""
