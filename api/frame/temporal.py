"""The API's connection to Temporal: made on first use and again after a loss, so the API starts while Temporal is down."""

from temporalio.client import Client

from runtime.settings import Settings
from runtime.temporal.connection import connect


async def client(settings: Settings) -> Client | None:
    """A client that has not connected yet; None when no address is known."""
    return await connect(settings, lazy=True) if settings.temporal_address else None
