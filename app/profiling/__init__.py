"""Profiles proposed from what a startup says elsewhere: its website, its deck. Nothing counts unless confirmed."""
