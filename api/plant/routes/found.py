"""A plant begins: once, by whoever sees the console of the server (DESIGN 12; 21 CFR 11.100)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from api.frame.doors import API
from api.frame.security import check_origin
from api.plant.schemas import FoundInput
from models.kernel.store.act import reading
from models.plant.rules import founding as rules
from models.plant.store import founding
from models.plant.store.founded import founded

router = APIRouter(prefix=API, tags=["people"])


class FoundAtServer(FoundInput):
    """With the founding code that stands on the server's console."""

    key: Annotated[SecretStr, Field(min_length=1, max_length=100)]


class Founded(BaseModel):
    """The administrator's one-time code; it is shown this once."""

    login: str
    code: str


@router.post("/found", status_code=201, summary="Found a plant")
def found_plant(request: Request, response: Response, body: FoundAtServer) -> Founded:
    """Once: site, zone, language, definitions, first inspection plans and the first administrator."""
    check_origin(request)
    rules.check_key(request.app.state.secret, body.key.get_secret_value())
    response.headers["Cache-Control"] = "no-store"
    given = FoundInput(**body.model_dump(exclude={"key"}))
    return Founded(login=given.login, code=found(request, given))


@router.get("/found", summary="Whether there is a plant")
def is_founded(request: Request) -> dict[str, bool]:
    """For whoever starts."""
    with reading(request.app.state.engine) as session:
        return {"founded": founded(session)}


def found(request: Request, given: FoundInput) -> str:
    """Found it; answers the administrator's code."""
    return founding.found(request.app.state.engine, given.plant())
