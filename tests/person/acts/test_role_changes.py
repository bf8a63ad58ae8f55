"""Whatever administrators do to roles, nobody gains by their own act and somebody who manages accounts stays (REQ 112; 21 CFR 11.10(g))."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, begin
from models.kernel.text import Text
from models.person.rules.known_roles import know
from models.person.rules.role_change import Wanted
from models.person.rules.roles import Duty, Permission
from models.person.rules.shipped_roles import SHIPPED
from models.person.store import people, role_changes, roles
from tests.support.often import often
from tests.support.plant.cast import SEEDER, add_person
from tests.support.servers.database import TestDatabase

LOGINS = ("admin", "admin2", "boss.a", "boss.b", "wu.jingli")
KEYS = ("administrator", "boss_one", "boss_two", "auditor", "sales")
ADMINISTRATION = (Permission.PEOPLE_WRITE, Permission.FAULT_SETTLE, Permission.PEOPLE_HAND_OVER, Permission.AUDIT_READ)
PERMITTED = some.frozensets(some.sampled_from((*ADMINISTRATION, Permission.RELEASE_SIGN)))
STEPS = some.lists(
    some.tuples(
        some.sampled_from(LOGINS),
        some.one_of(
            some.tuples(some.just("change"), some.sampled_from(KEYS), PERMITTED),
            some.tuples(some.just("sql"), some.sampled_from(KEYS), PERMITTED),
            some.tuples(some.just("grant"), some.sampled_from(KEYS), some.sampled_from(LOGINS)),
            some.tuples(some.just("revoke"), some.sampled_from(KEYS), some.sampled_from(LOGINS)),
            some.tuples(some.just("active"), some.sampled_from(KEYS), some.booleans()),
        ),
    ),
    min_size=4,
    max_size=14,
)
ADMINISTRATORS = (
    "select count(*) from person p where p.active and p.kind = 'human' and 'people.write' = any(permits(p.id))"
)


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """No test leaves its roles behind to another."""
    yield
    know(SHIPPED)


@pytest.fixture(scope="module")
def bosses(shared_database: TestDatabase) -> Engine:
    """Four administrators by three roles."""
    engine = shared_database.engine
    with Session(engine) as session:
        begin(session, SEEDER)
        for key, zh in (("boss_one", "主管一"), ("boss_two", "主管二")):
            wanted = Wanted(name=Text(zh, key), permissions=frozenset({Permission.PEOPLE_WRITE}))
            role_changes.make(session, key, Duty.ADMINISTRATION, wanted)
        add_person(session, "boss.a", "甲主管", "boss_one", "boss_two")
        add_person(session, "boss.b", "乙主管", "boss_two")
        session.commit()
    return engine


def do(session: Session, who: int, everybody: dict[str, int], step: tuple[Any, ...]) -> None:
    """One act, as the API or somebody with the application's password does it."""
    what, key, more = step
    role = roles.load(session).find(key)
    assert role is not None
    match what:
        case "change":
            wanted = Wanted(name=role.name, permissions=more, quality=role.quality)
            role_changes.change(session, who, key, role.version, wanted)
        case "sql":
            values = {"key": key, "permissions": sorted(one.value for one in more)}
            session.connection().execute(
                text("update role set permissions = cast(:permissions as text[]) where key = :key"), values
            )
        case "grant":
            people.grant(session, login_of(session, everybody[more]), key)
        case "revoke":
            people.revoke(session, login_of(session, everybody[more]), key)
        case _:
            role_changes.set_active(session, key, role.version, active=more)


def login_of(session: Session, person: int) -> str:
    found = session.connection().execute(
        text("select login from account where person_id = :id order by id"), {"id": person}
    )
    return str(found.scalars().first())


@settings(max_examples=often(6, 400), deadline=None)
@given(steps=STEPS)
def test_nobody_gains_by_their_own_act_and_an_administrator_stays(bosses: Engine, steps: list[Any]) -> None:
    with Session(bosses) as session:
        begin(session, SEEDER)
        known = {row.login: row for row in session.connection().execute(text(
            "select a.login, p.id, p.public_id::text as public_id, p.name from account a join person p on p.id = a.person_id"
        ))}  # fmt: skip
        everybody = {login: row.id for login, row in known.items()}
        for login, step in steps:
            who = known[login]
            before = roles.permitted(session, who.id)
            begin(session, Actor(who.public_id, who.name, "test", reason="as chance has it"))
            with suppress(Refusal, DBAPIError), session.begin_nested():
                do(session, who.id, everybody, step)
                session.flush()
            session.expire_all()
            assert roles.permitted(session, who.id) <= before, f"{login} gained by {step}"
            assert session.connection().execute(text(ADMINISTRATORS)).scalar_one() > 0, (
                f"nobody is left after {step} of {login}"
            )
        session.rollback()
