"""Whose new matters are, as a page: everybody reads the rules, a process owner writes one and ends one."""

from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.process.schemas.owners import OwnerRuleEndInput, OwnerRuleInput
from models.kernel.refusal import Refusal
from models.kernel.store.act import now
from models.person.rules.roles import Permission
from models.person.store import roles
from models.process.acts.hand_over import everybody
from models.process.store import owner_rules
from ui.frame.form.forms import Done, meant, once, read
from ui.frame.visit import REFUSING, Visit, VisitDep, typed
from ui.subject import owner_rules as view
from ui.subject.page import OwnerRulesPage

router = APIRouter()
WRITE = Permission.DEFINITION_WRITE
HERE = "/owner-rules"


@router.get(HERE, name="owner_rules")
def rules(visit: VisitDep) -> Response:
    """All of them, and a new one."""
    return visit.page(_draw(visit))


@router.post(HERE, name="owner_rule_made")
async def make(visit: VisitDep) -> Response:
    """One more."""
    form = await visit.form()

    def work() -> Done:
        visit.need(WRITE)
        given = meant(visit, OwnerRuleInput, {key: typed(form, key) for key in OwnerRuleInput.model_fields})
        with visit.act(reason=given.reason) as session:
            owner_rules.make(session, given.wanted(), now(session))
        return HERE, visit.words("owners.made")

    return await _once(visit, form, work)


@router.post(HERE + "/{rule}/end", name="owner_rule_ended")
async def end(visit: VisitDep, rule: UUID) -> Response:
    """It holds no longer."""
    form = await visit.form()

    def work() -> Done:
        visit.need(WRITE)
        given = read(OwnerRuleEndInput, {"reason": typed(form, "reason")})
        with visit.act(reason=given.reason) as session:
            owner_rules.end(session, rule, now(session))
        return HERE, visit.words("owners.ended")

    return await _once(visit, form, work, str(rule))


async def _once(visit: Visit, form: FormData, work: view.Work, where: str = "") -> Response:
    async def act() -> Done:
        return await run_in_threadpool(work)

    try:
        return await once(visit, form, act)
    except REFUSING as error:
        refusal = visit.refusal(error)
        return visit.page(await run_in_threadpool(_draw, visit, form, refusal, where), refusal.status)


def _draw(
    visit: Visit, form: FormData | None = None, refusal: Refusal | None = None, where: str = ""
) -> OwnerRulesPage:
    visit.need(Permission.RECORD_READ)
    with visit.reading() as session:
        found = owner_rules.listed(session)
        known, names = roles.load(session), everybody(session)
    form_of = view.Typed(form, refusal, where)
    return view.page(visit.words, found, known, names, form_of, writes=visit.may(WRITE))
