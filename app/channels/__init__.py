"""How events leave: each channel reads the event log and tells it in its own way. Nothing here makes an event."""
