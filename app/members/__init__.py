"""People: who may sign in, to which organisations, with which role, and the sessions in which they are."""
