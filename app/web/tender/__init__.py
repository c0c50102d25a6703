"""One call: what its notice says and how it changed; for a founder may they bid, what is left to do, and with whom."""
