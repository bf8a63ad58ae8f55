"""A stage that goes through many, in the record: a run for each item with its place, joined by all or enough, each round its own."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.kernel.store.act import begin as begin_act
from models.lot.tables import Lot
from models.process.many import items as many
from models.process.messages.process import Receipt, RunView
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.process.tables.subject import RunLink
from tests.support.definitions import end, small, task, text
from tests.support.plant.direct import do
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.together import together

LOTS = {"key": "lots", "title": text("lots"), "type": "table", "columns": [
    {"key": "lot", "title": text("lot"), "type": "text"}, {"key": "skip", "title": text("skip"), "type": "boolean"},
]}  # fmt: skip
ASK = small(
    {
        "key": "choose",
        "kind": "decision",
        "next": "answer",
        "branches": [
            {"when": {"op": "eq", "fact": "item.skip", "value": True}, "next": "skipped", "title": text("skip")}
        ],
    },
    task(
        "answer",
        outcomes=[
            {"key": "yes", "title": text("yes"), "next": "good"},
            {"key": "no", "title": text("no"), "next": "bad"},
        ],
    ),
    end("good", "good"),
    end("bad", "bad"),
    end("skipped", "skipped"),
    key="sample-ask",
)


def through(key: str, bad: int = 2, **each: Any) -> Any:
    """Lots are named, each is asked about; two bad ones are looked at, and it begins again."""
    two = {"op": "ge", "fact": "ask.bad", "value": bad}
    return small(
        task("name", next="ask", form=[LOTS]),
        {"key": "ask", "kind": "subprocess", "process": "sample-ask", "for_each": each, "next": "decide"},
        {
            "key": "decide",
            "kind": "decision",
            "next": "end",
            "branches": [{"when": two, "next": "name", "title": text("two")}],
        },
        end(),
        key=key,
    )


ROWS = through("sample-rows", rows="name.lots")
ENOUGH = through("sample-enough", rows="name.lots", enough=1)
LINKS = through("sample-links", links="affected")
AGAIN = through("sample-again", bad=1, rows="name.lots", enough=1)
EVERY = (ASK, ROWS, ENOUGH, LINKS, AGAIN)


@pytest.fixture(scope="module", autouse=True)
def drawn(desk: Plant) -> Iterator[None]:
    waiting.ship(desk, *EVERY)
    with waiting.known(*EVERY):
        yield


async def begun(desk: Plant, key: str, lot: str, rows: list[dict[str, Any]]) -> RunView:
    """A run whose lots have been named."""
    await desk.receive(lot)
    view = waiting.begun(desk, key, lot)
    await desk.complete(lot, "name", "wang.cao", signed=False, form={"lots": rows})
    return view


def children(desk: Plant, view: RunView) -> list[ProcessRun]:
    with act(desk.engine, SETUP) as session:
        found = session.exec(select(ProcessRun).where(ProcessRun.parent_id == view.run_id).order_by(sql("id"))).all()
        return list(found)


async def answer(desk: Plant, run: ProcessRun, outcome: str) -> Receipt:
    """The task of one of many is done."""
    [one] = [each for each in waiting.tasks(desk, run.workflow_id) if each.status == "open"]
    command = desk.completion(one, desk.by("wang.cao"), outcome, signed=False)
    receipt: Receipt = await desk.door.complete_task(desk.client, run.workflow_id, command)
    return receipt


def row(lot: str, **more: Any) -> dict[str, Any]:
    return {"lot": lot, **more}


async def test_each_row_has_a_run_with_its_place_and_its_answers(desk: Plant) -> None:
    view = await begun(desk, "sample-rows", "M-1", [row("A"), row("B"), row("A")])
    made = children(desk, view)
    assert [(one.parent_stage, one.parent_item, one.state["facts"]["item.lot"]) for one in made] == [
        ("ask", "1", "A"),
        ("ask", "2", "B"),
    ]
    assert {one.parent_round for one in made} == {waiting.opened_at(desk, view.workflow_id, "ask")}
    await answer(desk, made[1], "no")
    assert waiting.state(desk, view.workflow_id).many == {"ask": {"1": None, "2": "bad"}}
    await answer(desk, made[0], "yes")
    done = waiting.row(desk, view.workflow_id)
    assert done.result == "closed"
    assert {name: value for name, value in done.state["facts"].items() if name.startswith("ask.")} == {
        "ask.good": 1,
        "ask.bad": 1,
        "ask.skipped": 0,
    }


async def test_none_go_on_at_once_and_what_ends_at_once_counts(desk: Plant) -> None:
    empty = await begun(desk, "sample-rows", "M-2", [])
    assert waiting.row(desk, empty.workflow_id).result == "closed"
    at_once = await begun(desk, "sample-rows", "M-3", [row("A", skip=True), row("B", skip=True)])
    assert waiting.row(desk, at_once.workflow_id).result == "closed"
    assert [one.result for one in children(desk, at_once)] == ["skipped", "skipped"]


async def test_when_enough_have_ended_the_others_change_nothing_more(desk: Plant) -> None:
    view = await begun(desk, "sample-enough", "M-4", [row("A"), row("B"), row("C")])
    first, second, _ = children(desk, view)
    await answer(desk, second, "yes")
    ended = waiting.row(desk, view.workflow_id)
    assert ended.result == "closed"
    await answer(desk, first, "no")
    assert waiting.row(desk, view.workflow_id) == ended
    assert [one.status for one in children(desk, view)] == ["completed", "completed", "running"]
    # one that ends while they are being begun leaves the rest unbegun
    some = await begun(desk, "sample-enough", "M-5", [row("A", skip=True), row("B"), row("C")])
    assert [one.parent_item for one in children(desk, some)] == ["1"]


async def test_a_straggler_of_an_earlier_round_does_not_count_in_the_next(desk: Plant) -> None:
    view = await begun(desk, "sample-again", "M-6", [row("A"), row("B")])
    straggler, second = children(desk, view)
    await answer(desk, second, "no")
    assert waiting.open_stages(desk, view.workflow_id) == ["name"]
    with act(desk.engine, SETUP) as session:  # its workflow is begun all the same
        left = runs.view(session, runs.load(session, view.run_id)).children
    assert [one.workflow_id for one in left] == [straggler.workflow_id]
    await desk.complete("M-6", "name", "wang.cao", signed=False, form={"lots": [row("C")]})
    await answer(desk, straggler, "no")
    assert waiting.state(desk, view.workflow_id).many == {"ask": {"1": None}}
    assert waiting.state(desk, view.workflow_id).facts["ask.bad"] == 0
    [*_, last] = children(desk, view)
    await answer(desk, last, "yes")
    assert waiting.row(desk, view.workflow_id).result == "closed"


async def test_several_that_end_at_the_same_instant_are_all_counted(desk: Plant) -> None:
    view = await begun(desk, "sample-rows", "M-7", [row(str(number)) for number in range(6)])
    commands = []
    for one in children(desk, view):
        [open_] = waiting.tasks(desk, one.workflow_id)
        commands.append(desk.completion(open_, desk.by("wang.cao"), "yes", signed=False))
    answers = together(*[partial(do, desk.engine, "complete_task", command) for command in commands])
    assert [one for one in answers if isinstance(one, Refusal)] == []
    done = waiting.row(desk, view.workflow_id)
    assert (done.result, done.state["facts"]["ask.good"]) == ("closed", 6)


async def test_linked_subjects_are_items_and_each_run_is_about_its_own(desk: Plant) -> None:
    for lot in ("M-A", "M-B"):
        await desk.receive(lot)

    await desk.receive("M-8")
    view = waiting.begun(desk, "sample-links", "M-8")
    with act(desk.engine, SETUP) as session:
        for role, lot in (("affected", "M-A"), ("affected", "M-B"), ("cause", "M-1")):
            touched = session.exec(select(Lot).where(Lot.lot_no == lot)).one()
            session.add(RunLink(run_id=view.run_id, subject_id=touched.subject_id, role=role))
    await desk.complete("M-8", "name", "wang.cao", signed=False, form={"lots": []})
    made = children(desk, view)
    with act(desk.engine, SETUP) as session:
        assert [session.get_one(Lot, one.lot_id).lot_no for one in made] == ["M-A", "M-B"]
    assert list(waiting.state(desk, view.workflow_id).many["ask"]) == ["M-A", "M-B"]
    for one in made:
        await answer(desk, one, "yes")
    assert waiting.row(desk, view.workflow_id).result == "closed"


async def test_too_many_are_refused_and_nothing_is_begun(desk: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.receive("M-9")
    view = waiting.begun(desk, "sample-rows", "M-9")
    monkeypatch.setattr(many, "MOST", 2)
    with pytest.raises(Refusal, match="PRC-015"):
        await desk.complete("M-9", "name", "wang.cao", signed=False, form={"lots": [row(one) for one in "ABC"]})
    assert waiting.open_stages(desk, view.workflow_id) == ["name"]
    assert children(desk, view) == []


EARLY = """
update process_run set state = jsonb_set(jsonb_set(state, '{open}', '[]'), '{outcomes}', state -> 'outcomes' || '{"wait": "elapsed"}')
 where id = :run
"""
UNTRUE = "update process_run set state = jsonb_set(state, '{many,ask,1}', '\"good\"') where id = :run"


def told(desk: Plant, statement: str, view: RunView) -> str:
    """What the database says to it."""
    with pytest.raises(DBAPIError) as met, Session(desk.engine) as session:
        _write(session, statement, view.run_id)
    return str(getattr(met.value.orig, "sqlstate", None))


def _write(session: Session, statement: str, run: int) -> None:
    begin_act(session, SETUP)
    session.connection().execute(sql(statement), {"run": run})
    session.commit()


async def test_the_database_asks_too(desk: Plant) -> None:
    view = await begun(desk, "sample-rows", "M-10", [row("A"), row("B")])
    assert told(desk, UNTRUE, view) == "BW346"
    for until in ({"after": "P1D"}, {"after": "P1D", "working": True}):
        wait = small({"key": "wait", "kind": "wait", "until": until, "next": "end"}, end(), key=f"sample-{len(until)}")
        waiting.ship(desk, wait)
        with waiting.known(wait):
            await desk.receive(f"M-11-{len(until)}")
            view = waiting.begun(desk, wait.key, f"M-11-{len(until)}")
        assert told(desk, EARLY, view) == "BW345"
