"""An InvenTree company made for tests, and a second reader of its dump to compare with."""
