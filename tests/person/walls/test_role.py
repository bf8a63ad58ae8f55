"""Nobody acts in a role or under a name that isn't theirs, past all of our code (21 CFR 11.10(g), 11.100; DESIGN 7)."""

from typing import Any, LiteralString

import pytest

from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import forge
from tests.whole.walls.test_walls import NO_RIGHT

GRANT: LiteralString = "update role_grant set {what} where person_id = %(person)s and role = 'qa_approver'"
AWAY: LiteralString = (
    "insert into delegation (from_person_id, to_person_id, starts_at, ends_at, reason)"
    " values (%(away)s, %(deputy)s, now(), now() + interval '1 day', 'test')"
)


def person(psql: Psql, login: str) -> int:
    return psql.plant.by(login).person_id


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_nobody_signs_without_the_role(psql: Psql, role: str) -> None:
    who: dict[str, Any] = {"person": person(psql, "li.cang")}
    with refusal("BW061"):
        forge(psql, role=role, said=who, **who)


def test_nobody_signs_with_a_role_that_was_taken_away(psql: Psql) -> None:
    who = person(psql, "chen.pi")
    with refusal("BW061"):
        forge(psql, before=f"update role_grant set revoked_at = now() where person_id = {who}")  # noqa: S608 - a key of ours


def test_who_has_left_signs_nothing(psql: Psql) -> None:
    who = person(psql, "chen.pi")
    with refusal("BW183"):
        forge(psql, before=f"update person set active = false where id = {who}")  # noqa: S608 - a key of ours


def test_a_deputy_signs_with_a_role_of_their_own_and_a_delegation_only(psql: Psql) -> None:
    without_role: dict[str, Any] = {"person": person(psql, "li.cang"), "behalf": person(psql, "chen.pi")}
    with refusal("BW061"):
        forge(psql, said=without_role, **without_role)
    undelegated: dict[str, Any] = {"person": person(psql, "chen.pi"), "behalf": person(psql, "wu.jingli")}
    with refusal("BW062"):
        forge(psql, said=undelegated, **undelegated)


def test_a_deputy_holds_a_role_and_the_skills_of_who_is_absent(psql: Psql) -> None:
    psql.run(AWAY, away=person(psql, "chen.pi"), deputy=person(psql, "wu.jingli"))
    psql.refused("BW064", AWAY, away=person(psql, "chen.pi"), deputy=person(psql, "li.cang"))
    psql.refused("BW063", AWAY, away=person(psql, "wang.cao"), deputy=person(psql, "qian.xin"))


def test_a_task_is_taken_and_done_in_its_role_only(psql: Psql) -> None:
    task, who = psql.plant.task("B-SEEN", "approve").id, person(psql, "li.cang")
    psql.refused("BW061", "update human_task set assignee_id = %(who)s where id = %(task)s", who=who, task=task)
    done: LiteralString = (
        "update human_task set status = 'done', done_at = now(), done_by_id = %(who)s where id = %(task)s"
    )
    psql.refused("BW061", done, who=who, task=task)
    psql.run("update human_task set assignee_id = %(who)s where id = %(task)s", who=person(psql, "chen.pi"), task=task)


@pytest.mark.parametrize(
    "what",
    [
        "granted_at = now() - interval '1 year'",
        "role = 'administrator'",
        "valid_until = now() + interval '9 years'",
        "person_id = person_id + 1",
    ],
)
@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_what_somebody_held_is_not_rewritten(psql: Psql, what: str, role: str) -> None:
    psql.refused("BW060", GRANT.format(what=what), role, person=person(psql, "chen.pi"))


def test_a_role_is_taken_away_and_never_given_back_or_deleted(psql: Psql) -> None:
    who = person(psql, "chen.pi")
    psql.refused(NO_RIGHT, "delete from role_grant where person_id = %(person)s", person=who)
    with psql.transaction() as connection, refusal("BW060"):
        connection.execute(GRANT.format(what="revoked_at = '2020-01-01'").encode(), {"person": who})
        ((now,),) = connection.execute("select bool_and(revoked_at = now()) from role_grant where person_id = %s", (who,)).fetchall()  # fmt: skip
        assert now, "nobody takes it away before today"
        connection.execute(GRANT.format(what="revoked_at = null").encode(), {"person": who})


def test_nobody_is_given_a_role_yesterday(psql: Psql) -> None:
    given: LiteralString = (
        "insert into role_grant (person_id, role, granted_at) values (%(person)s, 'inspector', '2020-01-01')"
        " returning granted_at = now()"
    )
    assert psql.run(given, person=person(psql, "li.cang")) == [(True,)]


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("somebody", "Somebody"),
        ("service:unheard-of", "Batchwright"),
        ("00000000-0000-7000-8000-000000000000", "陈批"),
        ("chen.pi", "陈批"),
        ("CHEN", "Somebody Else"),
        ("customer:NOBODY", "Nobody"),
        ("import:", "import"),
    ],
)
@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_nothing_is_written_by_somebody_who_doesn_t_exist_or_under_another_name(
    psql: Psql, who: str, name: str, role: str
) -> None:
    actor = psql.plant.by("chen.pi").actor_id if who == "CHEN" else who
    change: LiteralString = "update item set description = 'changed' where item_no = 'HIP-12'"
    with psql.transaction(role, actor=False) as connection, refusal("BW003"):
        connection.execute(
            "select set_config('bw.actor_id', %s, true), set_config('bw.actor_name', %s, true),"
            " set_config('bw.source', 'psql', true)",
            (actor, name),
        )
        connection.execute(change)


def test_a_statement_of_many_rows_looks_up_its_actor_once(psql: Psql) -> None:
    """Not once for each of a recall's tens of thousands of holds (benchmarks/hold.py)."""
    held: LiteralString = (
        "insert into hold (lot_id, reason, cause, placed_by_id, placed_at)"
        " select id, 'test', 'quality', %(who)s, now() from lot"
    )
    asked: LiteralString = "select calls from pg_stat_xact_user_functions where funcname = 'known_actor'"
    with psql.transaction(SUPERUSER) as connection:
        connection.execute("set local track_functions = 'all'")
        count = connection.execute(held, {"who": person(psql, "zhou.shen")}).rowcount
        assert count > 1
        assert connection.execute(asked).fetchall() == [(1,)]


def test_people_and_known_services_write_under_their_names(psql: Psql) -> None:
    chen = psql.plant.by("chen.pi")
    known: Any = [(chen.actor_id, chen.name), ("service:clock", "Batchwright"), ("customer:C-1", "王医生")]
    for who, name in known:
        with psql.transaction(actor=False) as connection:
            connection.execute(
                "select set_config('bw.actor_id', %s, true), set_config('bw.actor_name', %s, true),"
                " set_config('bw.source', 'psql', true)",
                (who, name),
            )
            connection.execute("update item set description = 'changed' where item_no = 'HIP-12'")


def test_services_are_named_by_updates_of_the_software_only(psql: Psql) -> None:
    psql.refused(NO_RIGHT, "insert into service_actor (actor_id, what) values ('service:forged', '-')")
