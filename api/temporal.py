"""The API's connection to Temporal: made on first use and again after a loss, so the API starts while Temporal is down."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from runtime.settings import Settings


async def client(settings: Settings) -> Client | None:
    """A client that has not connected yet; None when no address is known."""
    if not settings.temporal_address:
        return None
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        lazy=True,
    )
