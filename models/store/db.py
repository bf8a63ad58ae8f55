"""Engines: how the application reaches PostgreSQL."""

from sqlalchemy import Engine, create_engine


def engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for the application role.  Broken connections are noticed before use: PostgreSQL may restart."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"},
    )
