"""The founded plant with its people (models.plant.store.plant), a second administrator, and tasks in their inboxes."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.item.tables import Item
from models.kernel.store.act import Actor, act, now, reading
from models.person.rules.roles import Role
from models.person.tables import Account, Person, RoleGrant
from models.plant.store import plant
from models.process.messages.process import By
from models.receipt import acts as receiving
from models.receipt.messages import ReceiveLot

PASSWORD = "moonlit harbour 7"
SEEDER = Actor("service:test", "test", "test", reason="set up")


def seed(engine: Engine) -> dict[str, int]:
    """The plant; answers person ids by login."""
    with act(engine, SEEDER) as session:
        plant.found(session, PASSWORD, datetime.now(UTC))
        add_person(session, "admin2", "管理员二", Role.ADMINISTRATOR)
    return people(engine)


def people(engine: Engine) -> dict[str, int]:
    """Person ids by login."""
    with reading(engine) as session:
        rows = session.connection().execute(text("select login, person_id from account")).all()
        return {row.login: row.person_id for row in rows}


def add_person(session: Session, login: str, name: str, *roles: str) -> int:
    """One more person with an account and the same password."""
    hashed = session.connection().execute(text("select password_hash from account limit 1")).scalar_one()
    person = Person(name=name)
    session.add(person)
    session.flush()
    session.add(Account(person_id=person.id, login=login, password_hash=hashed, own_since=now(session)))
    session.add_all(RoleGrant(person_id=person.id, role=str(role)) for role in roles)
    session.flush()
    return person.id


def receive(engine: Engine, *lot_nos: str) -> None:
    """Lots arrive; each opens a task of incoming inspection."""
    with act(engine, SEEDER) as session:
        known = session.connection().execute(text("select id from item where item_no = 'PEEK-12'")).scalar()
        if known is None:
            session.add(Item(item_no="PEEK-12", name="PEEK 棒料", kind="raw", uom="pcs"))
            session.flush()
        who = session.connection().execute(text("select p.* from person p join account a on a.person_id = p.id where a.login = 'li.cang'")).one()  # fmt: skip
    by = By(person_id=who.id, name=who.name, actor_id=str(who.public_id), source="test")
    with act(engine, Actor(by.actor_id, by.name, "test", reason="set up")) as session:
        for lot_no in lot_nos:
            command = ReceiveLot(
                command_id=lot_no,
                by=by,
                lot_no=lot_no,
                item_no="PEEK-12",
                quantity=Decimal(6),
                location="RCV-01",
                supplier_lot_no="P88-" + lot_no,
            )
            receiving.receive(session, command, now(session))
