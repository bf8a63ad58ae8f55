"""Released batches that stand ready: most tests about goods begin with one; played once per run, copied for each file.

To buy the material of a batch, to make, inspect, pack and release it are thirteen acts: half a second of processor time, and
twice that through the workflows.  What is made here comes straight from the record also in a plant that is at work.
"""

from itertools import count

from sqlalchemy import Engine, text

from tests.support.plant.direct import beside
from tests.support.plant.plant import Plant
from tests.support.servers.database import past_walls

MATERIAL = "STOCK-R"
"""What all of them are made of."""
READY = 16
"""How many stand ready in a plant of `stocked_desk`; whoever takes more of them has the others made."""
PIECES = 50
_HANDED_ON = text("update outbox set delivered_at = now() where delivered_at is null")
_TAKEN: dict[str, "count[int]"] = {}
"""Which is the next, by database."""


async def fill(plant: Plant) -> None:
    """Make what stands ready."""
    await plant.material(MATERIAL, 100_000)
    for number in range(1, READY + 1):
        await _make(plant, number)
    handed_on(plant.engine)


def at_record(plant: Plant) -> Plant:
    """The same plant, whose people act straight at the record."""
    return beside(plant.engine)


def handed_on(engine: Engine) -> None:
    """Nobody waits for what there is to say so far: a dispatcher would begin the workflows of all these batches."""
    with past_walls(engine) as connection:
        connection.execute(_HANDED_ON)


async def batch(plant: Plant) -> str:
    """The number of a released batch of 50 that nobody has touched and nobody else will."""
    number = next(_TAKEN.setdefault(str(plant.engine.url.database), count(1)))
    if number > READY:
        await _make(at_record(plant), number)
    return _name(number)


async def shipped(plant: Plant, *quantities: int) -> str:
    """Such a batch of which the hospital C-1 got so many, in as many shipments."""
    lot = await batch(plant)
    for place, quantity in enumerate(quantities, start=1):
        await at_record(plant).ship(f"{lot}-S{place}", lot, quantity)
    return lot


def _name(number: int) -> str:
    return f"STOCK-H{number}"


async def _make(plant: Plant, number: int) -> None:
    await plant.make(_name(number), MATERIAL, PIECES)
    await plant.release(_name(number))
