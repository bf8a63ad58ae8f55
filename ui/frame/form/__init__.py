"""Forms of pages: their values, their repeated rows, what their fields offer."""
