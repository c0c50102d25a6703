"""Which few startups together cover a call: the smallest sets, the best of them first, found exactly."""
