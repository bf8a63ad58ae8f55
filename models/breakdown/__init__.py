"""A breakdown: equipment is out of use at once, the batches under way on it get a deviation, and a signature takes it back into use."""
