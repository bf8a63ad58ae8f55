"""Correcting a consumption on the real server: one effect, refusals change nothing, who follows learns of it."""

from models.kernel.store.act import reading
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace_identifier
from tests.support.plant.correcting import correct, correcting, used
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock
from tests.support.record import refused
from tests.support.servers.until import until
from workflows.temporal.start import ensure_outbox


async def test_a_consumption_is_corrected_and_everybody_concerned_learns_of_it(plant: Plant) -> None:
    await ensure_outbox(plant.client)
    await plant.material("R-1", 50)
    await plant.material("R-2", 100)
    await plant.make("H-1", "R-1", 50)
    await until(lambda: plant.status("R-1") == "closed")
    await plant.release("H-1")
    command = correcting(plant, "H-1", "R-1", used("R-2", 50))
    done = await correct(plant, command)
    # the same command sent again gets its first receipt
    assert await correct(plant, command) == done
    assert (done.data["held"], done.data["reopened"]) == (["H-1"], True)
    assert plant.status("R-1") == "released"
    assert [in_stock(plant, lot) for lot in ("R-1", "R-2")] == [50, 50]
    await until(lambda: plant.scalar("select count(*) from outbox where delivered_at is null") == 0, "all is delivered")
    for code, status, wrong in (
        ("LOT-003", 409, None),
        ("LNK-003", 409, correcting(plant, "H-1", "R-1", used("R-2", 50))),
        ("LNK-009", 422, correcting(plant, "H-1", "R-2", used("R-2", 50))),
        ("LOT-001", 404, correcting(plant, "H-1", "没有", used("R-2", 50))),
    ):
        with refused(plant.engine, code, status):
            await (correct(plant, wrong) if wrong else plant.ship("S-1", "H-1", 5))
    transactions = plant.scalar(
        "select count(distinct transaction) from audit_event where reason = '扫错标签' and operation in ('insert', 'update')"
    )
    assert transactions == 1
    with reading(plant.engine) as session:
        found = trace_identifier(session, "H-1", Direction.BOTH)
    assert (found.complete, found.balanced, found.findings) == (True, True, ())
    # goods that were put back are good goods
    await plant.make("H-2", "R-1", 50)
