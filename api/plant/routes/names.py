"""What an item, a supplier, a customer, a place or a machine is called, in both languages (REQUIREMENTS 122; SCREENS; 21 CFR 11.10(e))."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.frame.deps import EngineDep, actor, require
from api.frame.doors import API
from api.register.paths import named
from api.register.schemas import NameInput
from models.kernel.store.act import act
from models.person.rules.auth import Principal
from models.plant.store import names
from models.plant.store.names import NAMED, NameView

router = APIRouter(prefix=API, tags=["master data"])
PATHS = {
    "items": "/items/{item_no:path}/name",
    "suppliers": "/suppliers/{supplier_no:path}/name",
    "customers": "/customers/{customer_no:path}/name",
    "places": "/locations/{code:path}/name",
    "equipment": "/equipment/{equipment_no:path}/name",
}


def _rename(key: str) -> Callable[..., NameView]:
    def rename(
        request: Request,
        engine: EngineDep,
        principal: Annotated[Principal, Depends(require(NAMED[key].permission))],
        number: Annotated[str, Depends(named(key))],
        body: NameInput,
    ) -> NameView:
        """Both names from now on; what was signed under the name of before keeps it, and the trail has both."""
        with act(engine, actor(request, principal, reason=body.reason)) as session:
            return names.rename(session, key, number, (body.was, body.was_en), (body.name, body.name_en))

    return rename


for register, path in PATHS.items():
    router.add_api_route(path, _rename(register), methods=["POST"], summary="Another name", name=f"rename_{register}")
