"""Errors that startups found in notices: for whoever can mend them, the operator or the buyer of the call."""
