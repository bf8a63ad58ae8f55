"""Work orders, read."""

from sqlalchemy import Engine, text


def lot_of_order(engine: Engine, number: str) -> str | None:
    """The lot that an order makes: its workflow takes the order's operations."""
    query = text("select l.lot_no from work_order w join lot l on l.id = w.lot_id where w.work_order_no = :number")
    with engine.begin() as connection:
        found = connection.execute(query, {"number": number}).scalar()
        return None if found is None else str(found)
