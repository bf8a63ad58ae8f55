"""The demo company: people, imported history, and batches in every stage, all done by its people through the API."""
