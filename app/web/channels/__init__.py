"""How an organisation hears of things: digests by mail, feeds and calendars, webhooks; and its API keys."""
