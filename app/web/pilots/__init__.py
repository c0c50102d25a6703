"""Pilots: a buyer's problem from the draft to its attestation, and the startups that try."""
