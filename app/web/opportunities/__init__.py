"""The calls that fit a startup, the search among all calls, and the searches that an organisation keeps."""
