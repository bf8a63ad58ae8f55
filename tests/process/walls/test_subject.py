"""Whatever a process can be about is one subject with a site, a legal entity and an owner, whatever door it comes through."""

from typing import LiteralString

import psycopg
import pytest

from runtime.postgres import APPLICATION, OWNER
from tests.support.fixtures.walls import Psql, refusal
from tests.support.servers.database import TestDatabase

TABLES = ("lot", "recall", "nonconformance", "item", "supplier", "customer", "equipment", "location", "person", "site")
ACTOR: LiteralString = (
    "select set_config('bw.actor_id', 'service:test', true), set_config('bw.actor_name', 'x', true),"
    " set_config('bw.source', 'test', true), set_config('bw.reason', 'set up', true)"
)
OWNER_OF: LiteralString = (
    "select a.login from subject s join account a on a.person_id = s.owner_id where s.number = %(n)s and s.kind = %(k)s"
)
LOT: LiteralString = (
    "insert into lot (lot_no, item_id, kind, status, quantity, supplier_id) select %(n)s, i.id, 'raw', 'received', 1, s.id"
    " from (select id from item where item_no = 'PEEK-20') i, (select id from supplier where supplier_no = 'S-1') s"
)


@pytest.mark.parametrize("table", TABLES)
def test_each_row_has_its_own_subject_that_lacks_nothing(psql: Psql, table: str) -> None:
    ((rows, subjects),) = psql.run(
        "select count(*), count(distinct s.id) filter (where s.owner_id is not null and s.site_id is not null"  # noqa: S608 - names of our own tables
        f" and s.entity_id is not null) from {table} t left join subject s on s.id = t.subject_id"
    )
    assert rows == subjects > 0


def test_runs_tasks_signatures_and_news_name_the_subject_of_their_batch_or_recall(psql: Psql) -> None:
    for table in ("process_run", "human_task"):
        assert psql.run(
            f"select count(*) from {table} t left join lot l on l.id = t.lot_id left join recall c on c.id = t.recall_id"  # noqa: S608
            " where t.subject_id is null"
            " or coalesce(l.id, c.id) is not null and t.subject_id is distinct from coalesce(l.subject_id, c.subject_id)"
        ) == [(0,)]
    for table in ("signature", "outbox"):
        assert psql.run(
            f"select count(*) filter (where t.subject_id is distinct from l.subject_id), count(*) > 0 from {table} t"  # noqa: S608
            " join lot l on l.id = t.lot_id"
        ) == [(0, True)]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_keeps_its_subject(psql: Psql, table: str) -> None:
    psql.refused("BW353", f"update {table} set subject_id = subject_id + 1000000", OWNER)  # noqa: S608


def test_a_run_and_its_task_are_about_one_subject(psql: Psql) -> None:
    other = "(select subject_id from lot where lot_no = 'R-1')"
    psql.refused(
        "BW354",
        "insert into process_run (workflow_id, definition_id, lot_id, subject_id, state)"  # noqa: S608
        f" select 'x/1', min(d.id), (select id from lot where lot_no = 'B-OK'), {other}, '{{}}' from definition_version d",
    )


def test_a_subject_comes_with_its_row_and_goes_by_its_name(psql: Psql) -> None:
    psql.refused("BW350", "insert into subject (kind, number, title) values ('lot', 'L-X', 'x')")
    psql.refused("BW351", "update subject set number = 'other' where kind = 'item'")
    psql.refused("BW351", "update subject set kind = 'capa' where kind = 'item'")
    psql.refused("BW352", "update subject set owner_id = null where kind = 'item'")
    psql.refused("BW002", "delete from subject", OWNER)
    psql.refused(
        "BW353",
        LOT.replace("supplier_id)", "supplier_id, subject_id)").replace("s.id from", "s.id, 999999999 from"),
        n="L-X",
    )


def test_a_kind_without_a_table_is_filled_by_itself(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute("insert into subject (kind, number, title) values ('capa', 'CA-1', 'x')")
        found = connection.execute(OWNER_OF, {"n": "CA-1", "k": "capa"}).fetchall()
        assert found == [("wu.jingli",)]
        filled = connection.execute(
            "select site_id is not null and entity_id is not null from subject where number = 'CA-1'"
        )
        assert filled.fetchone() == (True,)


def test_a_subject_is_called_what_its_row_is_called(psql: Psql) -> None:
    with psql.transaction() as connection:
        connection.execute("update item set name = 'New name' where item_no = 'PEEK-20'")
        said = connection.execute(
            "select t.title from lot l join subject s on s.id = l.subject_id join subject t on t.id = s.titled_by_id"
            " where l.lot_no = 'R-1'"
        ).fetchone()
        assert said == ("New name",)


RULE: LiteralString = (
    "insert into owner_rule (subject_kind, supplier_id, role, person_id) select 'lot', %(supplier)s, %(role)s,"
    " (select person_id from account where login = %(login)s)"
)


def test_the_most_specific_rule_decides_whose_a_batch_is(psql: Psql) -> None:
    """Role of the kind, then the rule for every batch, then that of the supplier; who has left is nobody's owner."""
    with psql.transaction() as connection:
        run = connection.execute
        ((supplier,),) = run("select id from supplier where supplier_no = 'S-1'").fetchall()
        run(LOT, {"n": "OW-1"})
        run(RULE, {"supplier": None, "role": "warehouse", "login": None})
        run(LOT, {"n": "OW-2"})
        run(RULE, {"supplier": supplier, "role": "inspector", "login": "qian.xin"})
        run(LOT, {"n": "OW-3"})
        run("update person set active = false where id = (select person_id from account where login = 'qian.xin')")
        run(LOT, {"n": "OW-4"})
        owners = [run(OWNER_OF, {"n": n, "k": "lot"}).fetchone() for n in ("OW-1", "OW-2", "OW-3", "OW-4")]
        assert owners == [("zhao.liu",), ("li.cang",), ("qian.xin",), ("lin.jian",)]


def test_what_was_there_before_anybody_belongs_to_whom_comes(fresh_database: TestDatabase) -> None:
    """Before a site and a person there is nothing to name; with them, at the end of the transaction, nothing lacks any."""
    with psycopg.connect(fresh_database.url.replace("+psycopg", "")) as connection:
        connection.execute(ACTOR)
        connection.execute("insert into item (item_no, name, kind) values ('I-1', 'x', 'raw')")
        connection.commit()
        connection.execute(ACTOR)
        connection.execute("insert into site (code, name) values ('SZ', 'Plant')")
        connection.execute("insert into item (item_no, name, kind) values ('I-2', 'x', 'raw')")
        connection.execute("insert into person (name) values ('First'), ('Boss')")
        connection.execute(
            "insert into role_grant (person_id, role) select id, 'administrator' from person where name = 'Boss'"
        )
        connection.commit()
        lacking = "select count(*) from subject where owner_id is null or site_id is null or entity_id is null"
        assert connection.execute(lacking).fetchone() == (0,)
        owners = connection.execute(
            "select distinct p.name from subject s join person p on p.id = s.owner_id where s.kind in ('item', 'site', 'person')"
        ).fetchall()
        assert owners == [("Boss",)]


def test_whatever_door_a_row_comes_through_it_has_a_subject(psql: Psql) -> None:
    """COPY, several rows in one statement, and a row that is refused."""
    with psql.transaction() as connection:
        with connection.cursor().copy("copy customer (customer_no, name) from stdin") as copy:
            copy.write_row(("K-1", "a"))
            copy.write_row(("K-2", "b"))
        connection.execute("insert into supplier (supplier_no, name) values ('Q-1', 'a'), ('Q-2', 'b')")
        made = connection.execute(
            "select number, title from subject where number in ('K-1', 'K-2', 'Q-1', 'Q-2') order by number"
        ).fetchall()
        assert made == [("K-1", "a"), ("K-2", "b"), ("Q-1", "a"), ("Q-2", "b")]
    with psql.transaction(APPLICATION) as connection, refusal("23505"):
        connection.execute(
            "insert into lot (lot_no, item_id, kind, status, quantity) select lot_no, item_id, kind, 'received', 1 from lot"
        )
