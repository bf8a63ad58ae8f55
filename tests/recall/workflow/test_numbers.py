"""Many people open recalls in one moment: each gets a number of their own (REQUIREMENTS 74)."""

import asyncio

from api.process.acts import Desk
from api.recall import begin as recalling
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from tests.support.plant.plant import Plant


async def test_nobody_is_refused_because_others_open_recalls_at_the_same_moment(plant: Plant) -> None:
    """Two of eight were told that the recall exists already: its number had just been given to somebody else."""
    await plant.material("R-NUM", 100)
    by = plant.by("sun.zhao")
    who = Principal(
        by.person_id,
        by.actor_id,
        by.name,
        0,
        "sun.zhao",
        frozenset({Role.RECALL_COORDINATOR}),
        session_id=by.session_id or 0,
        csrf=by.key,
    )
    opened = await asyncio.gather(
        *(
            recalling.open_recall(Desk(plant.engine, plant.client, who, "test"), "drill", ["R-NUM"], "t", "r")
            for _ in range(12)
        )
    )
    assert len({one.data["recall_no"] for one in opened}) == 12
