"""Process definitions as they are read over HTTP."""

from fastapi import APIRouter

from api.frame.deps import EngineDep, Reader
from api.frame.doors import API, Doors
from models.definition import queries as queries_definitions
from models.definition.queries import DefinitionDetail, DefinitionList
from models.kernel.store.act import reading
from models.person.rules.roles import Permission

router = APIRouter(prefix=API, tags=["definitions"])
ROUTERS = (router,)
DOORS: Doors = {
    Permission.RECORD_READ: """
        GET /api/v1/definitions
        GET /api/v1/definitions/{key}/versions/{version}
    """,
}


@router.get("/definitions", summary="Every version of every process")
def list_definitions(engine: EngineDep, _: Reader) -> DefinitionList:
    """With how many runs are on each now."""
    with reading(engine) as session:
        return queries_definitions.everything(session)


@router.get("/definitions/{key}/versions/{version}", summary="One version, whole")
def read_definition(engine: EngineDep, _: Reader, key: str, version: int) -> DefinitionDetail:
    """Verified against its digest; `canonical` is the text that was signed."""
    with reading(engine) as session:
        return queries_definitions.one(session, key, version)
