"""The pages on the real stack, for every test of a flow."""

from tests.support.site import other_context, site, site_database

__all__ = ["other_context", "site", "site_database"]
