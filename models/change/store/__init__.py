"""Changes in the record: the request, what it touches, and the batches that it locks."""
