"""What every HTTP route shares: dependencies, problems, middleware. Knows no domain."""
