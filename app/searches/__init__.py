"""What people look for among calls and matches: the filters of both lists, and searches kept to come back to."""
