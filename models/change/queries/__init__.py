"""Changes as they are read: one with all of it, and which batches ran under which version."""
