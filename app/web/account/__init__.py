"""One's own account, and the members of an organisation."""
