"""The safqa command."""
