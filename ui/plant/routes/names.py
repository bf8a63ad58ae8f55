"""Another name for an item, a supplier, a customer, a place or a machine, on a page with its reason (REQUIREMENTS 122)."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.register.paths import named
from api.register.schemas import NameInput
from models.kernel.refusal import Refusal
from models.plant.store import names
from models.plant.store.names import NAMED
from ui.frame.form.forms import Done, Sheet, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, new_key, typed
from ui.plant.page.plant import RegisterNamePage

router = APIRouter()


def _draw(
    visit: Visit, key: str, number: str, given: FormData | None = None, refusal: Refusal | None = None
) -> RegisterNamePage:
    """The names as they are now, and what was typed; the next press is about what this page shows."""
    with visit.reading() as session:
        kept = names.read(session, key, number)
    sheet, words = Sheet(visit.words, given, refusal), visit.words
    return RegisterNamePage(
        key=key,
        number=number,
        name=kept.name,
        name_en=kept.name_en or "",
        fields=(
            sheet.field("name", words("plant.f_name"), default=kept.name, required=True),
            sheet.field(
                "name_en", words("plant.f_english"), default=kept.name_en or "", help=words("plant.f_english_help")
            ),
            sheet.field("reason", words("plant.f_reason"), required=True),
        ),
        refusal=refusal,
        command_key=new_key(),
    )


def _show(key: str) -> Callable[..., Response]:
    def show(visit: VisitDep, number: Annotated[str, Depends(named(key, "number"))]) -> Response:
        return visit.page(_draw(visit, key, number))

    return show


def _change(key: str) -> Callable[..., Awaitable[Response]]:
    async def change(visit: VisitDep, number: Annotated[str, Depends(named(key, "number"))]) -> Response:
        form = await visit.form()

        def work() -> Done:
            given = read(NameInput, {one: typed(form, one) for one in ("name", "name_en", "was", "was_en", "reason")})
            with visit.act(reason=given.reason) as session:
                names.rename(session, key, number, (given.was, given.was_en), (given.name, given.name_en))
            return f"/plant/{key}?{urlencode({'q': number})}", visit.words("plant.done", number=number)

        async def act() -> Done:
            return await run_in_threadpool(work)

        try:
            return await once(visit, form, act)
        except REFUSING as error:
            refusal = visit.refusal(error)
            return visit.page(await run_in_threadpool(_draw, visit, key, number, form, refusal), refusal.status)

    return change


for register in NAMED:
    path = f"/plant/{register}/{{number:path}}/name"
    router.add_api_route(path, _show(register), methods=["GET"])
    router.add_api_route(path, _change(register), methods=["POST"])
