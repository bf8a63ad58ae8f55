"""Files that a record refers to: each content is kept once, under its SHA-256 (DESIGN 3; 21 CFR 11.10(b), (c))."""
