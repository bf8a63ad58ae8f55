"""Every "no" of the API: its shape, its fields, and how the description tells of it."""
