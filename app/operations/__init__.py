"""What whoever runs this installation looks at: queues, letters, events, sizes, who is on it."""
