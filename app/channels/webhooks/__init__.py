"""Signed webhooks as Standard Webhooks says: endpoints, what each is sent, every attempt, and sending again."""
