"""JSON push: calls that portals and private buyers send by themselves, signed as Standard Webhooks says."""
