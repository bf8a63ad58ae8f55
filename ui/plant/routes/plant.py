"""Setting up a plant on pages: what the first batch still needs, and a list and a form for each register (DESIGN 12)."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from models.kernel.refusal import Refusal
from models.plant.store import first_batch, left_to_decide
from ui.frame.first_rows import Folding
from ui.frame.form.forms import Done, Sheet, once
from ui.frame.visit import REFUSING, Visit, VisitDep, own_path, typed
from ui.plant.page.plant import RegisterNewPage
from ui.plant.registers.registers import REGISTERS, Register
from ui.plant.view import plant as views_plant
from ui.plant.view import undecided as views_undecided

router = APIRouter()


@router.get("/plant")
def plant(visit: VisitDep) -> Response:
    """The list to work through."""
    with visit.reading() as session:
        found = first_batch.readiness(session)
        left = left_to_decide.read(session)
    return visit.page(views_plant.plant(visit.words, found, left.count))


@router.get("/plant/undecided")
def undecided(visit: VisitDep) -> Response:
    """What an upgrade leaves to people to decide; the command reads the same list."""
    with visit.reading() as session:
        left = left_to_decide.read(session)
    return visit.page(views_undecided.undecided(visit.words, left, Folding.of(own_path(visit.request))))


def _list(register: Register) -> Callable[..., Response]:
    def everything(
        visit: VisitDep,
        q: Annotated[str, Query(max_length=200)] = "",
        cursor: Annotated[str, Query(max_length=2000)] = "",
    ) -> Response:
        with visit.reading() as session:
            found, following = register.page(visit, session, cursor or None, q.strip() or None)
        may = visit.may(register.permission)
        return visit.page(
            views_plant.register(
                visit.words, register.key, register.columns, found, following, q=q.strip(), cursor=cursor, may=may
            )
        )

    return everything


def _new(register: Register) -> Callable[..., Response]:
    def empty(visit: VisitDep) -> Response:
        return visit.page(_form(visit, register))

    return empty


def _create(register: Register) -> Callable[..., Awaitable[Response]]:
    async def create(visit: VisitDep) -> Response:
        form = await visit.form()
        if typed(form, "more"):
            return visit.page(await run_in_threadpool(_form, visit, register, form, None, more=True))

        async def act() -> Done:
            number = await run_in_threadpool(register.write, visit, form)
            return f"/plant/{register.key}", visit.words("plant.done", number=number)

        try:
            return await once(visit, form, act)
        except REFUSING as error:
            refusal = visit.refusal(error)
            return visit.page(await run_in_threadpool(_form, visit, register, form, refusal), refusal.status)

    return create


def _form(
    visit: Visit,
    register: Register,
    given: FormData | None = None,
    refusal: Refusal | None = None,
    *,
    more: bool = False,
) -> RegisterNewPage:
    lines = views_plant.measures(visit.words, given, refusal, more=more) if register.key == "plans" else None
    with visit.reading() as session:
        fields = register.fields(Sheet(visit.words, given, refusal), session)
    return views_plant.form(register.key, fields, refusal, lines)


for one in REGISTERS:
    router.add_api_route(f"/plant/{one.key}", _list(one), methods=["GET"])
    router.add_api_route(f"/plant/{one.key}/new", _new(one), methods=["GET"])
    router.add_api_route(f"/plant/{one.key}/new", _create(one), methods=["POST"])
