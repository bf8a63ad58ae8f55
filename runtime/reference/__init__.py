"""The pages of docs that are written from the code: `python -m runtime.reference`, or `make docs`."""
