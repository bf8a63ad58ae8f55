"""Reads a recall's cockpit: everything around it, and the open step with its form and signature (REQ 74-82, 87).

The step is a task like every other, so what is typed, refused and signed here goes through `ui.task.routes`.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from sqlmodel import Session

from models.person.rules.roles import Permission
from models.process import kinds
from models.recall.queries import contacts as queries_page_recalls
from models.recall.queries import follow_up as queries_recall_follow
from models.recall.queries import recalls as queries_recalls
from models.recall.queries.contacts import Reach
from models.recall.queries.views import RecallView
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls
from models.recall.store.preview import STEPS
from ui.frame.first_rows import Folding
from ui.frame.visit import Visit, own_path
from ui.frame.words import frozen_names
from ui.inbox.view import in_cockpit
from ui.recall.page.recall import RecallPage
from ui.recall.view.cockpit import page
from ui.recall.view.follow_up import panel
from ui.recall.view.list import href
from ui.recall.view.preview import Reader, preview
from ui.task.view.desk import Desk
from ui.task.view.task import find, task_page

FROZEN = ("scope", "versions", "changed", "customers", "remaining", "pulls", "signatures", "preview", "follow")
"""What a cockpit shows of scopes, letters and signatures as they were frozen."""
LOOK = "look=1"
"""In the address of a cockpit: the step that is due shows what it would do, and may be done."""


def cockpit(visit: Visit, session: Session, number: str, desk: Desk | None = None) -> RecallPage:
    """The cockpit; `desk` is the step with what was just typed and refused."""
    recall = recalls.get(session, number)
    ledger = recall_funnel.read(session, recall, recalls.newest_scope(session, recall.id))
    found = queries_recalls.view(session, visit.principal, number, ledger)
    due = next((one for one in found.tasks if in_cockpit(one)), None)
    if due is not None and (desk is None or desk.done):
        desk = find(visit, session, due.id)
    decision = task_page(desk) if desk is not None and not desk.done else None
    follow = queries_recall_follow.follow(session, number, ledger)
    folding = Folding.of(own_path(visit.request))
    below = panel(
        visit.words,
        found,
        follow,
        runs=visit.may(Permission.RECALL_RUN),
        books=visit.may(Permission.RETURN_BOOK),
        decides=visit.may(Permission.RETURN_DISPOSE),
        folding=folding,
    )
    made = page(visit.words, found, reach_of(session, found), decision, below, follow.next_reminder, folding)
    made = frozen_names.read(session, made, *FROZEN)
    return made if decision is None or desk is None else _looked_at(visit, session, made, desk, folding)


def _looked_at(visit: Visit, session: Session, made: RecallPage, desk: Desk, folding: Folding) -> RecallPage:
    """A step that reaches people and goods by one press is looked at first: its counts, its recipients, its letters."""
    effect = next((one for one in kinds.does(desk.decision.definition, desk.stage) if one in STEPS), None)
    if effect is None:
        return made
    if LOOK not in urlsplit(folding.here).query and desk.refusal is None:
        return replace(made, look_href=f"{href(made.number)}?{LOOK}#decision")
    settings = visit.request.app.state.settings
    reader = Reader(visit.words, settings.zone, bool(settings.mail_from and settings.public_url), folding)
    return replace(made, preview=preview(session, reader, made.number, effect))


def reach_of(session: Session, found: RecallView) -> dict[str, Reach]:
    """Who to reach at each of its customers."""
    numbers = {one["customer_no"] for one in found.scope["customers"]} | {one.customer_no for one in found.notices}
    return queries_page_recalls.contacts(session, numbers | {one["customer_no"] for one in found.gone})


def drill_words(page: RecallPage) -> str:
    """What the band says of a drill; nothing of a recall."""
    return f"{page.number} {page.title}" if page.drill else ""
