"""The sample's whole life on the real server: people sign, its parts live, it rests for years or until word comes, and settles by itself."""

from collections.abc import Iterator

import pytest
import pytest_asyncio
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from models.kernel.store.act import act, now
from models.lot.tables import Lot
from models.process.fact import tell as facts
from models.process.store import runs
from tests.fault.test_workflow import again
from tests.process.sample import installed as sample
from tests.process.sample.kind import HINDERED
from tests.process.workflow.test_deadlines import A_DAY, settled
from tests.support.plant.plant import SETUP, Plant
from tests.support.processes import waiting
from tests.support.servers.database import TestDatabase
from tests.support.servers.until import born, ended, until
from workflows.temporal.start import ensure_outbox

SIGNED = """
select jsonb_agg(g.meaning order by g.meaning) from signature g join subject s on s.id = g.subject_id where s.number = :number
"""


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    with sample.handed_in():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(plant: Plant, furnished_database: TestDatabase) -> Plant:
    """A plant at work that has samples."""
    sample.furnish(furnished_database.owner_url, plant.engine)
    await ensure_outbox(plant.client)
    return plant


def wanted(desk: Plant, lot_no: str, note: str) -> bool:
    """Somebody wants a sample of a batch, and says so once more; answers whether it had been told before."""
    with act(desk.engine, SETUP) as session:
        lot = session.exec(select(Lot).where(Lot.lot_no == lot_no)).one()
        said = {"count": 2, "note": note}
        return facts.tell(session, lot, "sample.wanted", runs.NOBODY, now(session), said, once=note).again


async def signed(desk: Plant, number: str, run: str | None = None) -> str:
    """Written down and signed by two people: its parts live."""
    run = run or sample.begin(desk.engine, number)
    await born(desk.client, run)
    await sample.do(desk, number, "lin.jian", form=sample.FORM)
    await sample.do(desk, number, "zhou.shen", "agree")
    await sample.do(desk, number, "chen.pi", "agree")
    assert sample.stands(desk, run) == ("running", ["each"])
    return run


async def looked_at(desk: Plant, number: str, run: str | None = None) -> str:
    """Each of its parts has been looked at: it rests."""
    run = await signed(desk, number, run)
    parts = sample.parts(desk, number)
    assert len(parts) == 2
    for part in parts:
        await born(desk.client, part)
    for _ in parts:
        assert sample.stands(desk, run) == ("running", ["each"])
        await sample.do(desk, number, "lin.jian")
    for part in parts:
        await ended(desk.client, part)
    assert sample.stands(desk, run) == ("running", ["rest"])
    return run


async def over(desk: Plant, number: str, told: list[str]) -> None:
    """It has come to its end, and everything was done once."""
    await ended(desk.client, f"sample/{number}")
    assert sample.stands(desk, f"sample/{number}") == ("completed", [])
    assert sample.told(desk, number) == told
    assert desk.scalar(SIGNED, number=number) == ["approved", "reviewed"]


async def test_until_its_day_it_rests_and_then_it_settles(desk: Plant, temporal_env: WorkflowEnvironment) -> None:
    run = await looked_at(desk, "T-1")
    handle = desk.client.get_workflow_handle(run)
    left = sample.ripe(desk, "T-1")
    assert left.days > 365
    # the engine is at the day before; then the record is as well, and then it is the day
    assert await temporal_env.fast_forward(handle, left - A_DAY)
    await settled(desk, run)
    assert sample.stands(desk, run) == ("running", ["rest"])
    waiting.answered(desk, run, "write", "due", waiting.today(desk)[1].isoformat())
    await temporal_env.fast_forward(handle, 2 * A_DAY)  # to its end, which comes before those days are over
    await over(desk, "T-1", sample.BY_DAY)


async def test_word_comes_before_its_day_and_it_settles(desk: Plant) -> None:
    await looked_at(desk, "T-2")
    assert sample.word(desk.engine, "T-2") is True
    await over(desk, "T-2", sample.TOLD)
    assert sample.word(desk.engine, "T-2") is False


async def test_what_fails_at_first_is_tried_again_and_done_once(desk: Plant) -> None:
    HINDERED["T-3"] = 2
    run = await looked_at(desk, "T-3")
    sample.word(desk.engine, "T-3")
    await over(desk, "T-3", sample.TOLD)
    assert HINDERED["T-3"] == 0
    assert desk.scalar("select count(*) from act_fault where workflow_id = :id", id=run) == 0


async def test_what_keeps_failing_is_a_fault_until_somebody_has_it_done_again(desk: Plant) -> None:
    HINDERED["T-4"] = 100
    run = await looked_at(desk, "T-4")
    sample.word(desk.engine, "T-4")
    fault = "select max(id) from act_fault where act = 'run_automatic' and workflow_id = :id and status = 'open'"
    number = await until(lambda: desk.scalar(fault, id=run))
    await settled(desk, run)
    assert sample.stands(desk, run) == ("running", ["settle"])
    assert sample.told(desk, "T-4") == sample.TOLD[:5]
    del HINDERED["T-4"]
    await again(desk, number)
    await over(desk, "T-4", sample.TOLD)


async def test_a_fact_begins_it_once_however_often_it_is_told_and_it_lives_to_its_end(desk: Plant) -> None:
    await desk.receive("R-WANTS")
    assert [wanted(desk, "R-WANTS", "W-1") for _ in range(3)] == [False, True, True]
    number, run = "R-WANTS/W-1", "sample/R-WANTS/W-1"
    await looked_at(desk, number, run)
    assert sample.word(desk.engine, number) is True
    await over(desk, number, sample.TOLD)
    assert wanted(desk, "R-WANTS", "W-1") is True
    assert desk.scalar("select count(*) from process_run where workflow_id = :id", id=run) == 1
    assert desk.scalar("select count(*) from cause where code = 'begun'") == 1
    assert [one.id async for one in desk.client.list_workflows(f'WorkflowId = "{run}"')] == [run]
