"""What the pages of recalls ask for beside the recall itself: who to reach at each customer (REQUIREMENTS 76)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

CONTACTS = text("""
select customer_no, name, name_en, contact, phone, email from customer where customer_no = any(cast(:numbers as text[]))
""")


@dataclass(frozen=True)
class Reach:
    """How a customer is reached."""

    name: str
    contact: str | None
    phone: str | None
    email: str | None
    name_en: str | None = None


def contacts(session: Session, numbers: Collection[str]) -> dict[str, Reach]:
    """Who to reach at some customers, in one statement."""
    rows = session.connection().execute(CONTACTS, {"numbers": sorted(numbers)}).all()
    return {row.customer_no: Reach(row.name, row.contact, row.phone, row.email, row.name_en) for row in rows}
