"""The database itself: a link takes one answer from its own supplier while it is in force, and signatures decide (REQUIREMENTS 52)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql, refusal

SCAR: LiteralString = (
    "insert into scar (scar_no, supplier_id, title, asks, opened_by_id) select 'SCAR-X', s.id, 'x', '{cause}',"
    " (select id from person where public_id::text = current_setting('bw.actor_id')) from supplier s where s.supplier_no = 'S-1'"
)
ROUND: LiteralString = (
    "insert into scar_round (scar_id, round, answer_by, expires_at, sent_by_id) select c.id, 1, current_date, now() + interval '9 days',"
    " c.opened_by_id from scar c where c.scar_no = 'SCAR-X'"
)
US: LiteralString = "select set_config('bw.actor_id', p.public_id::text, true), set_config('bw.actor_name', p.name, true) from person p where p.active order by p.id limit 1"
THEM: LiteralString = "select set_config('bw.actor_id', 'supplier:S-1', true)"
ANSWER: LiteralString = "insert into scar_answer (round_id, name) select r.id, 'y' from scar_round r join scar c on c.id = r.scar_id where c.scar_no = 'SCAR-X'"
CONTENT: LiteralString = "insert into stored_file (digest, size, type) select repeat('a', 64), 1, 'txt'"
FILE: LiteralString = (
    "insert into scar_file (round_id, file_id, name) select r.id, f.id, 'z' from scar_round r join scar c on c.id = r.scar_id, stored_file f"
    " where c.scar_no = 'SCAR-X' and f.digest = repeat('a', 64)"
)
REVIEW: LiteralString = (
    "insert into scar_review (answer_id, verdict, reviewed_by_id) select a.id, 'accepted', c.opened_by_id from scar_answer a"
    " join scar_round r on r.id = a.round_id join scar c on c.id = r.scar_id where c.scar_no = 'SCAR-X'"
)
CLOSED: LiteralString = "update scar set status = 'closed', ended_at = now() where scar_no = 'SCAR-X'"
OLD: LiteralString = (
    "update scar_round set expires_at = now() - interval '1 second', sent_at = now() - interval '1 day'"
    " where scar_id = (select id from scar where scar_no = 'SCAR-X')"
)
WITHDRAWN: LiteralString = (
    "update scar set status = 'withdrawn', ended_at = now(), end_reason = 'x' where scar_no = 'SCAR-X'"
)


CASES: tuple[tuple[tuple[LiteralString, ...], bool, LiteralString, str], ...] = (
    ((), False, SCAR.replace("asks, opened", "asks, status, ended_at, opened").replace("'{cause}'", "'{cause}', 'closed', now()"), "BW440"),
    ((), False, "update scar set title = 'other' where scar_no = 'SCAR-X'", "BW441"),
    ((WITHDRAWN,), False, "update scar set status = 'open', ended_at = null, end_reason = null where scar_no = 'SCAR-X'", "BW441"),
    ((), False, CLOSED, "BW442"),
    ((ANSWER, REVIEW), False, CLOSED, "BW442"),
    ((), False, WITHDRAWN.replace("'x'", "' '"), "BW443"),
    ((), False, ROUND, "BW444"),
    ((ANSWER,), False, ROUND.replace("c.id, 1", "c.id, 2"), "BW444"),
    ((WITHDRAWN,), False, ROUND.replace("c.id, 1", "c.id, 2"), "BW444"),
    ((CONTENT,), False, FILE, "BW445"),
    ((CONTENT, OLD), True, FILE, "BW445"),
    ((CONTENT, *(FILE.replace("f.id, 'z'", f"{n}, 'z'") for n in range(900001, 900041))), True, FILE, "BW446"),
    ((), False, ANSWER, "BW447"),
    ((OLD,), True, ANSWER, "BW447"),
    ((ANSWER,), True, ANSWER, "BW447"),
    ((WITHDRAWN,), True, ANSWER, "BW447"),
    ((ROUND.replace("c.id, 1", "c.id, 2"),), True, ANSWER.replace("where", "where r.round = 1 and"), "BW447"),
    ((CONTENT,), True, ANSWER.replace("name)", "name, files)").replace("'y'", "'y', array[repeat('a', 64)]"), "BW448"),
    ((ANSWER,), False, REVIEW, "BW449"),
)  # fmt: skip
"""Past which statements, whether the supplier acts, what is tried, and which wall refuses it."""


def test_what_the_walls_refuse(psql: Psql) -> None:
    for past, as_them, statement, code in CASES:
        with request(psql, *((THEM,) if as_them else ()), past=past) as connection, refusal(code):
            connection.execute(statement)


@contextmanager
def request(psql: Psql, *statements: LiteralString, past: tuple[LiteralString, ...] = ()) -> Iterator[psycopg.Connection[Any]]:  # fmt: skip
    """A request that was sent, as far as these statements bring it; `past` are carried out past the walls."""
    with psql.transaction(SUPERUSER) as connection:
        connection.execute(US)
        connection.execute(SCAR)
        connection.execute(ROUND)
        connection.execute("set local session_replication_role = replica")
        for one in past:
            connection.execute(one)
        connection.execute("set local session_replication_role = origin")
        for one in statements:
            connection.execute(one)
        yield connection


def test_a_link_in_force_takes_files_and_an_answer_that_nobody_changes(psql: Psql) -> None:
    with request(psql, THEM, FILE, ANSWER, past=(CONTENT,)) as connection:
        for table in ("scar_round", "scar_file", "scar_answer"):
            with refusal("BW002"), connection.transaction():
                connection.execute(f"delete from {table}")  # noqa: S608 - our own words
    with request(psql) as connection, refusal("BW002"):
        connection.execute("delete from scar where scar_no = 'SCAR-X'")
