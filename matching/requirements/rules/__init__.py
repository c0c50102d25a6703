"""One module for each family of requirements: a clause in, hits out."""
