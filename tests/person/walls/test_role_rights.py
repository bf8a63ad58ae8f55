"""The application's roles make no objects and become nobody else; where a server gives them more, it says so and isn't ready."""

from typing import LiteralString

import pytest
from sqlalchemy import NullPool, create_engine

from models.person.store import role_rights
from runtime import health
from runtime.postgres import API, APPLICATION, OWNER, SUPERUSER, WORKER
from tests.support.fixtures.walls import Psql

NO_RIGHT = "42501"
OBJECTS: tuple[LiteralString, ...] = (
    "create temp table x (a int)",
    "create table x (a int)",
    "create schema x",
    "create function f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "set role batchwright_owner",
    "set role postgres",
    "set session_replication_role = replica",
    "alter table hold disable trigger all",
    "truncate applied",
)


@pytest.mark.parametrize("role", [APPLICATION, WORKER, API])
@pytest.mark.parametrize("statement", OBJECTS)
def test_no_role_of_the_application_makes_an_object_or_becomes_the_owner(
    psql: Psql, statement: LiteralString, role: str
) -> None:
    psql.refused(NO_RIGHT, statement, role)


def test_what_the_roles_have_here_is_what_they_may_have(psql: Psql) -> None:
    assert "PostgreSQL" in health.database(psql.plant.engine)
    assert health.roles(psql.plant.engine)
    with psql.plant.engine.connect() as connection:
        assert role_rights.excess(connection) == []


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        ("grant temporary on database {database} to public", "TEMPORARY on database"),
        ("grant create on database {database} to batchwright_app", "CREATE on database"),
        ("grant create on schema public to batchwright_app", "CREATE on schema public"),
        ("create schema elsewhere authorization batchwright_worker", "CREATE on schema elsewhere"),
        ("grant batchwright_owner to batchwright_worker", "SET ROLE batchwright_owner"),
        ("alter role batchwright_worker createrole", "superuser, createrole"),
        ("alter table hold owner to batchwright_worker", "owner of"),
    ],
)
def test_a_right_too_many_is_named(psql: Psql, grant: str, said: str) -> None:
    engine = create_engine(psql.url(SUPERUSER).replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        database = connection.exec_driver_sql("select current_database()").scalar_one()
        connection.exec_driver_sql(grant.format(database=database))
        found = [one for one in role_rights.excess(connection) if one.startswith("batchwright_worker")]
        connection.rollback()
    assert any(said in one for one in found), found


def test_a_server_where_the_application_could_lift_its_walls_is_not_ready(psql: Psql) -> None:
    owner = create_engine(psql.url(OWNER).replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with pytest.raises(health.PartDownError, match="batchwright_owner: CREATE on schema public"):
        health.roles(owner)
