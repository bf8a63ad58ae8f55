"""Change control (ISO 13485 7.3.9, 4.1.4; STANDARDS X 53): what is to change, whom and what it touches, and the batches that wait for it."""
