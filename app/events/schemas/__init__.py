"""What events say, as it goes out: one model per type, with its example. ``app.events.catalogue`` lists them all."""
