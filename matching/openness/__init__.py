"""How open calls are to startups, by exact recount: a whole pool against one call, a startup against all open calls."""
