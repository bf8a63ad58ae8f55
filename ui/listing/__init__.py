"""Views of lists that people keep, on pages."""
