"""Nobody writes in another's name or at another time, past all of our code (21 CFR 11.50, 11.70, 11.100, 11.200)."""

from pathlib import Path
from typing import Any, LiteralString

import pytest

from models.definition.document import Definition
from models.definition.yaml_text import parse_yaml
from models.process import kinds
from runtime.postgres import APPLICATION, OWNER, SUPERUSER
from tests.support.fixtures.walls import Psql, refusal
from tests.whole.walls.forging import ATTEMPT, SIGN, acting, approval, forge, kept

BEFORE = Path(__file__).parents[2] / "process/before"


@pytest.fixture
def facts(psql: Psql) -> dict[str, Any]:
    """What a forger of the second signature on B-SEEN needs to know."""
    return approval(psql)


def signed(psql: Psql, facts: dict[str, Any], sign: str, *, role: str = APPLICATION, **said: Any) -> Any:
    """A proven attempt, and a signature as it is said; answers the row."""
    with psql.transaction(role) as connection:
        name = acting(connection, facts["person"])
        facts["words"] = kept(
            connection, record=facts["digest"], meaning=facts["meaning"], signer=said.get("name", name)
        )
        ((attempt,),) = connection.execute(ATTEMPT.encode(), facts).fetchall()
        return connection.execute(
            f"{sign} returning signed_at = now()".encode(), {**facts, "attempt": attempt, **said}
        ).fetchone()


@pytest.mark.parametrize("shift", ["- interval '1 year'", "+ interval '1 year'"])
def test_a_signature_is_dated_now(psql: Psql, facts: dict[str, Any], shift: str) -> None:
    dated = SIGN.replace("(attempt_id,", "(signed_at, attempt_id,").replace(
        "select %(attempt)s", f"select now() {shift}, %(attempt)s"
    )
    assert signed(psql, facts, dated) == (True,)


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_a_signature_carries_the_name_of_its_signer(psql: Psql, facts: dict[str, Any], role: str) -> None:
    other = SIGN.replace("(select p.name from person p where p.id = %(person)s)", "%(name)s")
    with refusal("BW185"):
        signed(psql, facts, other, role=role, name="吴经理")
    assert signed(psql, facts, other, role=role, name="陈批") == (True,)


@pytest.mark.parametrize(
    "changed",
    [
        ("t.run_id", "(select max(id) from process_run)"),
        ("t.lot_id", "(select id from lot where lot_no = 'B-NEW')"),
        ("'release', %(person)s", "'task', %(person)s"),
    ],
)
def test_a_signature_is_about_its_own_task(psql: Psql, facts: dict[str, Any], changed: tuple[str, str]) -> None:
    """Signed for one batch, it doesn't release another."""
    with refusal("BW185"):
        signed(psql, facts, SIGN.replace(*changed, 1))


def test_a_task_that_is_done_is_not_signed_again(psql: Psql, facts: dict[str, Any]) -> None:
    with psql.transaction() as connection:
        name = acting(connection, facts["person"])
        facts["words"] = kept(connection, record=facts["digest"], meaning=facts["meaning"], signer=name)
        ((attempt,),) = connection.execute(ATTEMPT.encode(), facts).fetchall()
        connection.execute(
            "update human_task set status = 'done', done_at = now(), done_by_id = %(person)s where id = %(task)s", facts
        )
        with refusal("BW185"):
            connection.execute(SIGN.encode(), {**facts, "attempt": attempt})


@pytest.mark.parametrize("role", [APPLICATION, OWNER, SUPERUSER])
def test_nobody_tries_or_signs_in_another_s_name(psql: Psql, facts: dict[str, Any], role: str) -> None:
    wu = psql.plant.by("wu.jingli").person_id
    with psql.transaction(role) as connection:
        for someone in (None, wu):
            if someone:
                acting(connection, someone)
            with refusal("BW183"), connection.transaction():
                connection.execute(ATTEMPT.encode(), {**facts, "words": None})
        name = acting(connection, facts["person"])
        facts["words"] = kept(connection, record=facts["digest"], meaning=facts["meaning"], signer=name)
        ((attempt,),) = connection.execute(ATTEMPT.encode(), facts).fetchall()
        acting(connection, wu)
        with refusal("BW183"):
            connection.execute(SIGN.encode(), {**facts, "attempt": attempt})


def test_an_attempt_is_made_through_an_account_of_its_person(psql: Psql, facts: dict[str, Any]) -> None:
    foreign = ATTEMPT.replace("a.person_id = %(person)s", "a.person_id <> %(person)s")
    for change, attempt in (
        ("select 1", foreign),
        ("update account set disabled = true where person_id = %(person)s", ATTEMPT),
        ("update account set locked_until = now() + interval '1 hour' where person_id = %(person)s", ATTEMPT),
    ):
        with psql.transaction() as connection:
            connection.execute(change.encode(), facts)
            acting(connection, facts["person"])
            with refusal("BW184"):
                connection.execute(attempt.encode(), {**facts, "words": None})


def test_a_task_is_done_by_who_does_it(psql: Psql, facts: dict[str, Any]) -> None:
    done: LiteralString = (
        "update human_task set status = 'done', done_at = now(), done_by_id = %(person)s where id = %(task)s"
    )
    psql.refused("BW183", done, **facts)
    with psql.transaction() as connection:
        acting(connection, facts["person"])
        connection.execute(done, facts)


def test_what_was_worked_and_measured_is_told_by_who_tells_it(psql: Psql) -> None:
    run: LiteralString = (
        "insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id)"
        " select w.id, w.lot_id, 99, 1, '99', now(), now(), p.id from work_order w, person p limit 1"
    )
    psql.refused("BW183", run)


def test_a_text_is_kept_since_now(psql: Psql) -> None:
    kept_before: LiteralString = (
        "insert into signed_record (digest, canonical, at) values (encode(sha256('x'::bytea), 'hex'), 'x', '2020-01-01')"
        " returning at = now()"
    )
    assert psql.run(kept_before) == [(True,)]


def test_the_database_and_the_act_know_the_same_subjects(psql: Psql) -> None:
    rows = psql.run(
        "select d.body, t.stage, signed_subject(t.run_id, t.stage) from human_task t join process_run p on p.id = t.run_id"
        " join definition_version d on d.id = p.definition_id"
    )
    found = [(Definition.model_validate_json(body), stage, subject) for body, stage, subject in rows]
    signed = [(one, one.stage(stage), subject) for one, stage, subject in found if one.stage(stage).signature]
    assert {subject for *_, subject in signed} >= {"inspection", "release"}
    for definition, stage, subject in signed:
        assert subject == kinds.signed_as(definition, stage)


@pytest.mark.parametrize("file", sorted(BEFORE.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_database_and_the_kinds_know_what_texts_of_before_do(psql: Psql, file: Path) -> None:
    definition = parse_yaml(file.read_text(encoding="utf-8"))
    asked = {"packaging.reconcile", "warehouse.put_away", "recall.hold_scope", "recall.notify", "recall.approve_scope"}
    asked |= {"recall.end_follow_up", "recall.widen_scope"}
    for stage in (one for one in definition.stages if one.kind.human):
        for outcome in (None, *(one.key for one in stage.outcomes)):
            [(told,)] = psql.run("select effects_of_before(%(s)s, %(o)s)", s=stage.key, o=outcome)
            assert set(told) == set(kinds.does(definition, stage, outcome)) & asked


def test_the_control_signs(psql: Psql) -> None:
    forge(psql)
