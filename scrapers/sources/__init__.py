"""The sources, one file each: a declaration and what is peculiar to its portal."""
