"""Supplier quality: who may deliver which item in which revision, until when and on which condition (ISO 13485 7.4.1; REQUIREMENTS 49)."""
