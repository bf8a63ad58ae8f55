"""Tests that need minutes or hours: `make test-deep NAME=…`; `make test` collects none of them."""
