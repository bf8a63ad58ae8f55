"""Two facts at once, each taken up by a run about what the other is about: their locks cross, and no error reaches a person (DESIGN 6a).

A fact holds its own subject, and learns only from its triggers which others it comes to; so no order of locks is the same for all.
PostgreSQL lets one of the two go on, and the other act is tried again as a whole (`activities.transaction.bounded`).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text as statement
from sqlmodel import Session, select
from temporalio.testing import ActivityEnvironment

from activities.transaction import once
from models.definition.document import FieldType, Text
from models.kernel.store.act import act, now
from models.lot.tables import Lot
from models.process import kinds
from models.process.acts.clock import CLOCK
from models.process.fact import tell as facts
from models.process.kind import FactKind
from models.process.messages.process import Notify, Receipt
from models.process.store import runs
from models.process.tables.subject import RunLink
from tests.process.sample import installed as sample
from tests.process.sample.tables import Sample
from tests.support.definitions import end, small, task, text
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.database import TestDatabase, past_walls
from tests.support.servers.stack import wait_for
from tests.support.servers.together import SLOW, together

OUT = FactKind("crossing.out", Text(zh="取样", en="sampled"), ("lot",), {"note": FieldType.TEXT})
BACK = FactKind("crossing.back", Text(zh="退样", en="given back"), ("sample",))


def joins(fact: str, process: str) -> dict[str, Any]:
    return {"fact": fact, "process": process, "title": text("so"), "link": "crossed", "merge": True}


OF_LOT = small(task("look", next="end"), end(), key="crossing-lot", triggers=[joins("crossing.back", "crossing-lot")])
OF_SAMPLE = small(
    {**task("look", next="end"), "role": "inspector"},
    end(),
    key="sample-crossing",
    subject="sample",
    triggers=[joins("crossing.out", "sample-crossing")],
)
LOGGED = """
select f.name, c.code, r.workflow_id from fact f join cause c on c.fact_id = f.id left join process_run r on r.id = c.run_id
 where f.name like 'crossing.%' and f.once = :once
"""
AT_IT = statement("select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")
MET = "select deadlocks from pg_stat_database where datname = current_database()"


@pytest.fixture(scope="module")
def desk(module_database: TestDatabase) -> Iterator[Plant]:
    """A plant with samples and both processes."""
    plant = direct(module_database.engine)
    kinds.install((), (), (OUT, BACK))
    with sample.handed_in(), waiting.known(OF_LOT):
        sample.furnish(module_database.owner_url, module_database.engine)
        waiting.ship(plant, OF_LOT, OF_SAMPLE)
        yield plant
    for one in (OUT, BACK):
        del kinds._facts[one.name]


def out(session: Session, lot_no: str, note: str, again: str) -> None:
    """A fact about the batch, which a run about the sample takes up."""
    lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
    facts.tell(session, lot, "crossing.out", CLOCK, now(session), {"note": note}, once=again)


def back(session: Session, number: str, again: str) -> None:
    """A fact about the sample, which a run about the batch takes up."""
    row = session.exec(select(Sample).where(Sample.number == number)).one()
    facts.tell(session, row, "crossing.back", CLOCK, now(session), once=again)


def through_the_activity(desk: Plant, name: str, do: Callable[[Session], None]) -> Receipt:
    """As an act is done: in the activity's transaction, tried again as activities are."""

    def told(session: Session, at: Any) -> Receipt:
        do(session)
        return Receipt(act=name, at=at)

    doing = partial(once, desk.engine, "test", CLOCK, told, command=Notify(fact=name), command_id=name)
    return ActivityEnvironment().run(doing)


@contextmanager
def slow_facts(desk: Plant) -> Iterator[None]:
    """A fact takes as long to write as somebody keeps the advisory lock."""
    with past_walls(desk.engine) as owner:
        owner.execute(statement(SLOW.format(table="fact")))
    yield
    with past_walls(desk.engine) as owner:
        owner.execute(statement("drop trigger still_at_it on fact; drop function still_at_it()"))


@pytest.mark.parametrize("turned", [False, True])
async def test_facts_that_each_come_to_the_others_subject_are_both_told_once(desk: Plant, turned: bool) -> None:
    number = f"CR-{turned}"
    await desk.receive(number)
    with act(desk.engine, SETUP) as session:
        out(session, number, "first", "begins")
        lot = session.exec(select(Lot).where(Lot.lot_no == number)).one()
        taken = runs.of(session, f"sample/{number}/first") or pytest.fail("it was begun")
        run = runs.begin(session, "crossing-lot", lot, CLOCK, now(session))
        session.add(RunLink(run_id=run.row.id, subject_id=taken.row.subject_id, role="crossed"))
        known = {run.row.workflow_id, taken.row.workflow_id}
    acts = [
        partial(through_the_activity, desk, f"out {number}", partial(out, lot_no=number, note="second", again=number)),
        partial(through_the_activity, desk, f"back {number}", partial(back, number=f"{number}/first", again=number)),
    ]
    met = int(desk.scalar(MET) or 0)
    watching = desk.engine.execution_options(isolation_level="AUTOCOMMIT")
    with slow_facts(desk), ThreadPoolExecutor(1) as pool, watching.connect() as keeper:
        keeper.execute(statement("select pg_advisory_lock(4711)"))
        both = pool.submit(together, *(reversed(acts) if turned else acts))
        # each has its own subject by then, and has said its fact; now they ask for each other's
        wait_for(lambda: keeper.execute(AT_IT).scalar_one() == 2, what="both hold what their fact is about")
        keeper.execute(statement("select pg_advisory_unlock(4711)"))
        answers = both.result()
    assert sorted(one.act for one in answers if isinstance(one, Receipt)) == [f"back {number}", f"out {number}"]
    wait_for(lambda: int(desk.scalar(MET) or 0) > met, what="their locks crossed")
    with act(desk.engine, SETUP) as session:
        logged = Counter(tuple(row) for row in session.connection().execute(statement(LOGGED), {"once": number}))
    assert {(name, code) for name, code, _ in logged} == {("crossing.out", "joined"), ("crossing.back", "joined")}
    assert {run for *_, run in logged} == known
    assert set(logged.values()) == {1}
    assert desk.scalar("select count(*) from act_fault") == 0
