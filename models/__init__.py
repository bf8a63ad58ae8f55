"""The domain: pure rules, wire messages, tables, the store and the migrations."""
