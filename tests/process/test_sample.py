"""A process about a thing of its own is added by a definition and one folder (`tests/process/sample`): no standing file knows it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from models.definition.lint.lint import lint
from models.definition.yaml_text import parse_yaml
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now
from models.lot.tables import Lot
from models.process import automatic, lawful
from models.process.fact import tell as facts
from models.process.messages.timer import RunAutomatic
from models.process.queries import inbox as queries_tasks
from models.process.store import runs
from models.process.tables.subject import Subject
from tests.process.sample.installed import FORM, TEXTS, TOLD, begin, do, furnish, handed_in, stands, tasks, told, word
from tests.process.sample.kind import EMPTY, KINDS
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP, Plant
from tests.support.servers.database import TestDatabase

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """The noun is handed in, as by a word in the list of nouns."""
    with handed_in():
        yield


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Plant:
    """A plant that has samples."""
    plant = direct(module_database.engine)
    furnish(module_database.owner_url, module_database.engine)
    return plant


async def test_it_goes_from_its_task_to_its_end(desk: Plant) -> None:
    run = begin(desk.engine, "S-1")
    assert run == "sample/S-1"
    await do(desk, "S-1", "lin.jian", form=FORM)
    await do(desk, "S-1", "zhou.shen", "agree")
    signed = await do(desk, "S-1", "chen.pi", "agree")
    assert signed.data["meaning"] == "approved"
    assert stands(desk, run) == ("running", ["each"])
    for left in (1, 0):
        await do(desk, "S-1", "lin.jian")
        assert len(tasks(desk, "S-1")) == left
    assert stands(desk, run) == ("running", ["rest"])
    assert word(desk.engine, "S-1")
    assert stands(desk, run) == ("running", ["settle"])
    with act(desk.engine, SETUP) as session:
        view = runs.view(session, runs.of(session, run) or pytest.fail("it is there"))
        [command] = view.automatic
        assert isinstance(command, RunAutomatic)
        assert automatic.carry_out(session, command, now(session)).data["settled"] == "S-1"
        assert automatic.carry_out(session, command, now(session)).data == {"done": False}
    assert stands(desk, run) == ("completed", [])
    assert told(desk, "S-1") == TOLD
    assert desk.scalar("select remark from sample where number = 'S-1'") == "清楚"


async def test_its_gate_and_its_two_people_hold(desk: Plant) -> None:
    begin(desk.engine, "S-2")
    await do(desk, "S-2", "lin.jian", form={**FORM, "remark": "?"})
    with pytest.raises(Refusal, match="SMP-001"):
        await do(desk, "S-2", "zhou.shen", "agree")
    await do(desk, "S-2", "zhou.shen", "back", reason="不清楚")
    await do(desk, "S-2", "lin.jian", form=FORM)
    await do(desk, "S-2", "zhou.shen", "agree")
    signatures = "select count(*) from signature g join subject s on s.id = g.subject_id where s.number = 'S-2'"
    assert desk.scalar(signatures) == 2


def test_the_inbox_shows_it_by_its_subject(desk: Plant) -> None:
    begin(desk.engine, "S-3")
    with act(desk.engine, SETUP) as session:
        row = queries_tasks.row(session, UUID(str(tasks(desk, "S-3")[0].public_id)))
        about = session.exec(select(Subject).where(Subject.number == "S-3")).one()
    assert (row.lot_no, row.item, row.item_no) == ("S-3", "样例 S-3", "sample")
    assert None not in {about.owner_id, about.site_id, about.entity_id}


async def test_a_fact_begins_it(desk: Plant) -> None:
    """Somebody wants a sample of a batch: the trigger of the definition makes one, links the batch and begins its process."""
    await desk.receive("R-WANTS")
    with act(desk.engine, SETUP) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == "R-WANTS")).one()
        for count, note in ((2, "W-1"), (0, "W-2")):
            facts.tell(session, lot, "sample.wanted", runs.NOBODY, now(session), {"count": count, "note": note})
    number = f"{lot.lot_no}/W-1"
    assert stands(desk, f"sample/{number}") == ("running", ["write"])
    assert [one.stage for one in tasks(desk, number)] == ["write"]
    assert (
        desk.scalar("select string_agg(code, ' ' order by id) from cause where trigger is not null") == "begun not_so"
    )
    linked = "select s.number from run_link l join subject s on s.id = l.subject_id where l.role = 'wanted_for'"
    assert desk.scalar(linked) == lot.lot_no
    assert desk.scalar("select count(*) from outbox where fact = 'process.begun' and payload ? 'fact'") == 1


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_its_definitions_are_lawful(key: str) -> None:
    known_processes = {"sample-part": {"seen"}, "sample": {"done"}}
    assert [*lint(parse_yaml(TEXTS[key]), None, known_processes), *lawful.check(parse_yaml(TEXTS[key]))] == []


def names() -> list[str]:
    """Everything by which the noun is known, but the word itself, which a trace also has for what it draws."""
    declared = [str(one.name) for kind in KINDS for one in kind.effects]
    declared += [str(one.name) for kind in KINDS for one in kind.records]
    declared += [str(one.name) for kind in KINDS for one in kind.gates]
    families = [f"{word} {kind.family}" for kind in KINDS for word in ("key:", "process:", "subject:", "family")]
    return [*declared, *families, *TEXTS.keys() - {"sample"}, "sample.ready", EMPTY.code, "process.sample"]


def test_no_standing_file_knows_it() -> None:
    patterns = [one for name in names() for one in ("-e", name)]
    listed = ["git", "grep", "-lwF", *patterns, "--", ".", ":!tests"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, ""), "git grep answers 1 where it finds nothing"
    seen = subprocess.run([*listed[:-1], "tests/process/sample"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "tests/process/sample/kind.py" in seen.stdout.split(), "the same question finds it where it is"
