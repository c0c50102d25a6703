"""What awards tell: the references of those who won, and the habits of those who bought."""
