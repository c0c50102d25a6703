"""What blocks a startup at a call, what would settle it, and whether a young firm may enter without references."""
