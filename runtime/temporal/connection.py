"""How worker, API and commands reach Temporal: address, TLS, API key, and what is carried along (DESIGN 2.10)."""

from functools import lru_cache

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import TLSConfig

from runtime.settings import Settings
from workflows.temporal.carrying import Carrying


def tls_of(settings: Settings) -> TLSConfig | bool:
    """TLS where anything asks for it: the switch, a certificate, a CA, a server name or a key; a file that isn't there raises."""
    files = (settings.temporal_tls_ca, settings.temporal_tls_cert, settings.temporal_tls_key)
    if not any(files) and settings.temporal_tls_server_name is None:
        return settings.temporal_tls or settings.temporal_api_key is not None
    ca, cert, key = (one.read_bytes() if one is not None else None for one in files)
    return TLSConfig(
        server_root_ca_cert=ca, client_cert=cert, client_private_key=key, domain=settings.temporal_tls_server_name
    )


async def connect(settings: Settings, *, lazy: bool = False, metrics: bool = False) -> Client:
    """A client of the configured server; `metrics` where this process serves them (one address, one process)."""
    return await Client.connect(
        str(settings.temporal_address),
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        tls=tls_of(settings),
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        runtime=metering(settings.metrics) if metrics and settings.metrics else None,
        lazy=lazy,
        interceptors=[Carrying()],
    )


@lru_cache(maxsize=1)
def metering(address: str) -> Runtime:
    """The SDK's runtime that serves Prometheus at `host:port/metrics`; one for the life of the process."""
    return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=address)))
