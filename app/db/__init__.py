"""The database: engine, sessions, the embedded server. No domain, no queries."""
