"""`/healthz`: this process lives. `/readyz`: what it needs works, each part named (DESIGN 4).

Nobody has to be logged in for either, so a flood of them must cost no more than one at a time: else anybody could make the parts
slow by asking whether they are, and have a balancer turn the people away.
"""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from api.frame.doors import Door, Doors
from runtime.health import Part, readiness

router = APIRouter(tags=["operation"])
ROUTERS = (router,)
DOORS: Doors = {
    Door.ANYBODY: """
        GET /healthz
        GET /readyz
    """,
}
_DOWN: dict[int | str, dict[str, Any]] = {
    503: {"description": "A part is down", "content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.get("/healthz", summary="This process lives")
def healthz() -> dict[str, str]:
    """Answers as long as the process does; asks nothing else."""
    return {"status": "ok"}


@router.get("/readyz", summary="Every part, named, with what it says", responses=_DOWN)
async def readyz(request: Request, response: Response) -> dict[str, Any]:
    """200 when all parts work, 503 when one doesn't; the answer names each either way.

    Who asks while the parts are being asked gets the same answer.
    """
    state = request.app.state
    asking: asyncio.Task[list[Part]] | None = getattr(state, "asking", None)
    if asking is None or asking.done():
        state.asking = asking = asyncio.create_task(readiness(state.engine, state.temporal, state.settings))
    parts = await asyncio.shield(asking)  # whoever goes away leaves it to the others
    ready = all(part.ok for part in parts)
    response.status_code = 200 if ready else 503
    return {"status": "ok" if ready else "down", "parts": [part.as_dict() for part in parts]}
