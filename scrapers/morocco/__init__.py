"""What Morocco's public portals have in common, and the pages of its national one (PMMP)."""
