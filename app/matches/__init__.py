"""Who fits whom: the live index, the matches kept as rows, and what people did with them."""
