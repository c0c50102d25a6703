"""What is left to do for a call, by when, and the lawful ways around what blocks. Dates and facts in, plans out."""
