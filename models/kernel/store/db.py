"""Engines: how the application reaches PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from models import metadata

OPTIONS = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
ACTS = OPTIONS + " -c plan_cache_mode=force_generic_plan"
"""An act reads and writes rows by their keys: one plan fits every batch, and planning costs as much as doing."""


NOTICED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}
"""A server that vanishes without a word is noticed within twenty seconds: an act that waits for it would seem at work."""


def engine(url: str, *, pool_size: int = 10, acts: bool = False, build: str = "", tables: bool = True) -> Engine:
    """An engine for the application role.  Broken connections are noticed before use: PostgreSQL may restart.

    The connection used last is used next: with `acts` it has the statements prepared, and their plans, which are made once
    for all parameters, at hand.  What pages and traces ask may be about one lot or a million and is planned for what it
    asks each time (measured: a recall of 30,000 batches took 241 s through all its pages with kept plans, 188 s without).  `build` is which code this is, for the audit trail.  Without `tables`
    it is for statements in SQL alone, and those of all nouns, a second's import, aren't loaded.
    """
    if tables:
        metadata.load()
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={
            "options": (ACTS if acts else OPTIONS) + (f" -c bw.build={build}" if build else ""),
            "prepare_threshold": 2 if acts else None,
            **NOTICED,
        },
    )


@contextmanager
def plans_kept(session: Session) -> Iterator[None]:
    """What is asked within is prepared, and its plan is at hand when the connection is asked again.

    For statements that take longer to plan than to answer where they are about little, as those of most traces.
    """
    driver: Any = session.connection().connection.driver_connection
    before = driver.prepare_threshold
    driver.prepare_threshold = 2
    try:
        yield
    finally:
        driver.prepare_threshold = before
