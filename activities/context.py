"""What activities are bound to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from temporalio.client import Client


@dataclass(frozen=True)
class Context:
    """The database and the Temporal client of the worker; `build` goes into the audit trail, `secret` is the server's."""

    engine: Engine
    client: Client
    settings: Any = None
    build: str = "unknown"
    secret: bytes | None = None
