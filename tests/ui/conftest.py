"""The pages on the real stack, for every test of a flow."""

from tests.support.site import site, site_database

__all__ = ["site", "site_database"]
