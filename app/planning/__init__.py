"""What a startup has to do for one call, by when, and the lawful ways around what shuts it out."""
