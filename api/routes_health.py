"""`/healthz`: this process lives. `/readyz`: what it needs works, each part named (DESIGN 4)."""

from typing import Any

from fastapi import APIRouter, Request, Response

from runtime.health import readiness

router = APIRouter(tags=["operation"])
_DOWN: dict[int | str, dict[str, Any]] = {
    503: {"description": "A part is down", "content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.get("/healthz", summary="This process lives")
def healthz() -> dict[str, str]:
    """Answers as long as the process does; asks nothing else."""
    return {"status": "ok"}


@router.get("/readyz", summary="Every part, named, with what it says", responses=_DOWN)
async def readyz(request: Request, response: Response) -> dict[str, Any]:
    """200 when all parts work, 503 when one doesn't; the answer names each either way."""
    parts = await readiness(request.app.state.engine, request.app.state.temporal, request.app.state.settings)
    ready = all(part.ok for part in parts)
    response.status_code = 200 if ready else 503
    return {"status": "ok" if ready else "down", "parts": [part.as_dict() for part in parts]}
