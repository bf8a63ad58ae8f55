"""A pallet on the real server, from packing to the customer: one effect, refusals change nothing, what is scanned finds it."""

from models.kernel.store.act import now, reading
from models.resolve.rules import HitKind
from models.resolve.store import resolve
from models.trace.rules.trace import Direction
from models.trace.store.trace import trace_identifier
from tests.support.plant.packing import inner, packing, shipping, some, sscc, unpacking
from tests.support.plant.plant import Plant
from tests.support.plant.reshaping import in_stock, new, reshape, splitting
from tests.support.record import refused

CASE, PALLET = sscc(1), sscc(2)


async def test_a_pallet_goes_to_the_customer_and_is_traced_by_what_is_printed_on_it(plant: Plant) -> None:
    await plant.material("R-1", 100)
    await plant.make("H-1", "R-1", 60)
    await plant.release("H-1")
    await reshape(plant, splitting(plant, "H-1", new("H-2", 20)))
    command = packing(plant, CASE, some("H-1", 10))
    done = await plant.door.pack(plant.client, command)
    assert await plant.door.pack(plant.client, command) == done  # sent again, it gets its first receipt
    await plant.door.pack(plant.client, packing(plant, PALLET, inner(CASE), some("H-2", 5), kind="pallet"))
    with reading(plant.engine) as session:
        before = now(session)
    await plant.door.pack(plant.client, unpacking(plant, PALLET, some("H-2", 5), reason="改发"))
    with refused(plant.engine, "STK-006", 409):
        await plant.ship("S-1", "H-1", 35)
    await plant.door.ship(plant.client, shipping(plant, "S-1", f"(00){PALLET}"))
    with refused(plant.engine, "PCK-004", 409):
        await plant.door.pack(plant.client, unpacking(plant, CASE))
    assert [in_stock(plant, lot) for lot in ("H-1", "H-2")] == [30, 20]
    with reading(plant.engine) as session:
        for typed in (PALLET, f"(00){PALLET}", f"]C100{PALLET}", f"00{PALLET}", f"https://id.gs1.org/00/{PALLET}"):
            [hit] = resolve.find(session, typed).hits
            assert (hit.kind, hit.number) == (HitKind.LOGISTIC_UNIT, PALLET)
            found = trace_identifier(session, typed, Direction.BOTH)
            assert [node.lot_no for node in found.nodes if node.depth == 0] == ["H-1"]
            assert [one.reference for one in found.resolved] == [hit.reference]
            assert (found.complete, found.balanced, int(found.customers[0].shipped)) == (True, True, 10)
        then = trace_identifier(session, PALLET, Direction.FORWARD, before.isoformat())
        assert sorted(node.lot_no for node in then.nodes if node.depth == 0) == ["H-1", "H-2"]
        assert {row.lot_no: row.units for row in then.stock} == {"H-1": CASE, "H-2": PALLET}
