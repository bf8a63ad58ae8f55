"""The inbox: which tasks wait for whom, in a constant number of statements whatever the plant holds (REQ 87)."""

from sqlalchemy import Engine, text


def snapshot(engine: Engine) -> str:
    """Different whenever a transaction that wrote something has ended."""
    with engine.connect() as connection:
        return str(connection.execute(text("select pg_current_snapshot()::text")).scalar_one())
