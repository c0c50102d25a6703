"""Measurements: ``python -m bench --suite NAME``. Each suite compares with a peer in the same run."""
