"""Changes to the cast that a test needs: another role, account, colleague, absence or claim."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from models.kernel.store.act import act, now
from models.person.rules.roles import Role
from models.person.tables import Account, Delegation, Person, Qualification, RoleGrant
from tests.support.plant.plant import SETUP, Plant


def grant(plant: Plant, login: str, *roles: Role) -> None:
    """One more role."""
    person = plant.by(login).person_id
    with act(plant.engine, SETUP) as session:
        session.add_all(RoleGrant(person_id=person, role=role.value) for role in roles)


def qualify(plant: Plant, login: str, *codes: str) -> None:
    """Proven skills."""
    person = plant.by(login).person_id
    start = datetime.now(UTC) - timedelta(days=1)
    with act(plant.engine, SETUP) as session:
        session.add_all(Qualification(person_id=person, code=code, valid_from=start) for code in codes)


def colleague(plant: Plant, login: str, name: str, *roles: Role) -> None:
    """One more person with an account."""
    with act(plant.engine, SETUP) as session:
        person = Person(name=name)
        session.add(person)
        session.flush()
        session.add(Account(person_id=person.id, login=login, password_hash="!", own_since=now(session)))
    grant(plant, login, *roles)


def second_account(plant: Plant, login: str, of: str) -> None:
    """Another login of the same person."""
    person = plant.by(of).person_id
    with act(plant.engine, SETUP) as session:
        session.add(Account(person_id=person, login=login, password_hash="!", own_since=now(session)))


def absent(plant: Plant, login: str, deputy: str, *, over: bool = False) -> None:
    """A person is away, and somebody stands in for them; or did, until yesterday."""
    at = datetime.now(UTC)
    begins, ends = (at - timedelta(days=9), at - timedelta(days=1)) if over else (at, at + timedelta(days=30))
    away, other = plant.by(login).person_id, plant.by(deputy).person_id
    with act(plant.engine, SETUP) as session:
        session.add(
            Delegation(
                from_person_id=away,
                to_person_id=other,
                starts_at=begins - timedelta(hours=1),
                ends_at=ends,
                reason="年假",
            )
        )


def claim(plant: Plant, task_id: int, login: str | None) -> None:
    """A task is claimed, or given back."""
    person = plant.by(login).person_id if login else None
    with act(plant.engine, SETUP) as session:
        session.connection().execute(
            text("update human_task set assignee_id = :person where id = :id"), {"person": person, "id": task_id}
        )


def run_out(plant: Plant, login: str, role: Role) -> None:
    """A role was given until yesterday."""
    with act(plant.engine, SETUP) as session:
        session.connection().execute(
            text(
                "update role_grant set revoked_at = now()"
                " where person_id = :person and role = :role and revoked_at is null"
            ),
            {"person": plant.by(login).person_id, "role": role.value},
        )
        session.add(
            RoleGrant(
                person_id=plant.by(login).person_id,
                role=role.value,
                valid_until=datetime.now(UTC) - timedelta(days=1),
            )
        )
