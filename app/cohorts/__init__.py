"""The startups that an incubator brought in, taken together: how each stands, and what most of them lack."""
