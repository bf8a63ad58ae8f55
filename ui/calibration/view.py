"""The page of an assessment: what was found, the results that are shown, and the decision of whoever may make it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import FormData

from models.calibration import queries, rules
from models.calibration.rules import Fate, Kept
from models.calibration.store import assessments
from models.calibration.tables import OutOfTolerance
from models.definition.document import Stage
from models.equipment.store import equipment
from models.kernel.refusal import Refusal
from models.kernel.time.moments import minute
from models.person.rules.roles import Permission
from models.process import kinds
from models.process.store import runs
from ui.calibration.page import AskPage, AssessmentPage, Preview, ResultLine
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import Fact, Link, Option, Pager, lot_href
from ui.frame.status import mark
from ui.frame.visit import Visit, new_key
from ui.task.view.signing import panel
from ui.task.view.task import find

PAGE = 100
DECIDES = "out_of_tolerance.decide"


def href(number: str) -> str:
    """Where it is shown."""
    return f"/out-of-tolerance/{quote(number, safe='')}"


def deciding(session: Session, subject: int) -> tuple[UUID, Stage, str] | None:
    """The task in which results are decided now, its step, and the outcome that does so; None where none is open."""
    task = queries.open_task(session, subject)
    if task is None:
        return None
    definition = runs.load(session, task.run_id).definition
    stage = definition.stage(task.stage)
    ways = (one.key for one in stage.outcomes if DECIDES in kinds.does(definition, stage, one.key))
    outcome = next(ways, None)
    return None if outcome is None else (task.public_id, stage, outcome)


def page(
    visit: Visit,
    session: Session,
    number: str,
    *,
    after: int = 0,
    show: str = "",
    form: FormData | None = None,
    refusal: Refusal | None = None,
) -> AssessmentPage:
    """The page; after a refusal or for a preview what was chosen and typed is still there."""
    words = visit.words
    found = queries.of_number(session, number)
    head = found.head
    only = show != "all" and head.status == "open"
    rows = queries.results(session, head.id, after=after, limit=PAGE + 1, open_only=only)
    task = queries.open_task(session, head.subject_key) if head.status == "open" else None
    now = deciding(session, head.subject_key)
    desk = find(visit, session, now[0], refusal=refusal) if now else None
    here, picked = href(head.number), set(form.getlist("pick")) if form else set[Any]()
    more = {"show": show} if show else {}
    sheet = Sheet(words, form, refusal)
    previewed = None
    if form is not None and form.get("preview") and refusal is None:
        previewed = preview(words, session, head.id, head.number, given(form))
    return AssessmentPage(
        number=head.number,
        title=head.title if words.language == "zh" else head.title_en,
        subject=Link(label=head.number, href=f"/subjects/{head.subject}"),
        mark=mark("out_of_tolerance", head.status),
        facts=facts(words, found, visit.principal.zone),
        filters=_filters(words, here, head, only=only),
        rows=tuple(_line(words, one, picked) for one in rows[:PAGE]),
        undecided=head.undecided,
        pager=Pager(
            shown=len(rows[:PAGE]),
            next_href=f"{here}?{urlencode({**more, 'after': rows[PAGE - 1].seq})}" if len(rows) > PAGE else None,
            first_href=f"{here}?{urlencode(more)}" if after else None,
        ),
        action=f"{here}/decide",
        paper_href=f"{here}/pdf",
        task=None if task is None or now else Link(label=words("calibration.to_task"), href=f"/tasks/{task.public_id}"),
        fields=_fields(words, sheet),
        signature=panel(desk) if desk is not None else None,
        preview=previewed,
        refusal=refusal,
        command_key=new_key(),
    )


def asking(visit: Visit, equipment_no: str, refusal: Refusal | None = None) -> AskPage:
    """The instrument with its last calibration, before somebody asks for the next."""
    blocked, words = None, visit.words
    try:
        visit.need(Permission.EQUIPMENT_WRITE)
    except Refusal as why:
        blocked = why
    with visit.reading() as session:
        one = equipment.detail(session, equipment_no).equipment
    shown = [
        Fact(
            label=words("calibration.instrument"),
            text=f"{words.name(one.name, one.name_en)} {one.equipment_no}",
            href=f"/subjects/{one.subject}",
        )
    ]
    if one.blocked_since is not None:
        shown.append(Fact(label=words("calibration.blocked"), moment=one.blocked_since))
    if one.calibration_due_at is not None:
        shown.append(Fact(label=words("calibration.due"), moment=one.calibration_due_at))
    return AskPage(
        facts=tuple(shown),
        action=f"/equipment/{quote(one.equipment_no, safe='')}/calibrate",
        refusal=None if blocked else refusal,
        blocked=blocked,
        command_key=new_key(),
    )


def given(form: FormData) -> dict[str, Any]:
    """What was chosen, as the form of the step has it: results by number, or all that are open."""
    fate = str(form.get("fate") or "")
    if form.get("which") == "all":
        return {"rest": fate} if fate else {}
    seqs = [int(one) for one in form.getlist("pick") if isinstance(one, str) and one.isdecimal()][:1000]
    return {"results": [{"numbers": rules.spans(seqs), "fate": fate}]} if seqs else {}


def preview(words: Words, session: Session, key: int, number: str, said: Mapping[str, Any]) -> Preview:
    """What the decision would do; refuses what it would refuse."""
    kept = {one.seq: one for one in assessments.kept(session, session.get_one(OutOfTolerance, key))}
    fates = fates_of(number, list(kept.values()), said)
    lots = sorted({kept[seq].lot_no for seq in fates})
    fate = next(iter(fates.values()))
    text = words(f"calibration.preview_{fate.value}", n=len(fates), lots=len(lots))
    return Preview(text=text, held=", ".join(lots) if fate in rules.HELD else "")


def fates_of(number: str, kept: list[Kept], said: Mapping[str, Any]) -> dict[int, Fate]:
    """Which result becomes what; a choice without a decision is refused like none."""
    try:
        named = [(one["numbers"], Fate(one["fate"])) for one in said.get("results", ())]
        rest = Fate(said["rest"]) if "rest" in said else None
    except ValueError:
        raise rules.NOTHING() from None
    return rules.decided(number, kept, named, (), rest)


def moment(zone: str, told: str) -> str:
    """An instant of frozen evidence on the plant's clock."""
    return minute(datetime.fromisoformat(told), zone)


def facts(words: Words, found: queries.Assessment, zone: str) -> tuple[Fact, ...]:
    """What was found: the instruments in doubt, how many results, batches and customers, and how far it is decided."""
    head, counts = found.head, found.head.counts
    shown = [
        Fact(
            label=words("calibration.instruments"),
            heads=(
                words("calibration.instrument"),
                words("calibration.because"),
                words("calibration.since"),
                words("calibration.until"),
            ),
            rows=tuple(
                (
                    f"{one['name'] if words.language == 'zh' else one['name_en']} {one['number']}",
                    words(f"calibration.because_{one['because']}"),
                    moment(zone, one["since"]) if one["since"] else words("calibration.ever"),
                    moment(zone, one["until"]),
                )
                for one in head.instruments
            ),
        ),
        Fact(
            label=words("calibration.found"),
            text=words(
                "calibration.counts",
                results=counts["results"],
                operations=counts.get("operations", 0),
                lots=counts["lots"],
                made=counts["made"],
                customers=counts["customers"],
            ),
        ),
    ]
    if head.customers:
        shown.append(
            Fact(
                label=words("calibration.customers"),
                heads=(words("shipment.customer"), words("lot.lot"), words("lot.quantity")),
                rows=tuple(_customer(words, one) for one in head.customers),
            )
        )
    shown += [
        Fact(label=words(f"calibration.fate_{one.decision}"), text=words("calibration.of", n=one.n, lots=one.lots))
        for one in found.decided
    ]
    return tuple(shown)


def _customer(words: Words, one: Mapping[str, Any]) -> tuple[str, str, str]:
    name = one["name"] if words.language == "zh" else one["name_en"]
    numbers = list(dict.fromkeys(line["lot_no"] for line in one["lots"]))
    amounts = [f"{line['quantity']} {words.known('unit.' + line['uom'], line['uom'])}" for line in one["lots"]]
    comma = words("list.comma")
    return f"{name} {one['customer_no']}", comma.join(numbers), comma.join(amounts)


def _filters(words: Words, here: str, head: Any, *, only: bool) -> tuple[tuple[Link, bool], ...]:
    """Each with whether it is what is shown."""
    if head.status != "open":
        return ()
    return (
        (Link(label=words("calibration.show_open", n=head.undecided), href=here), only),
        (Link(label=words("calibration.show_all", n=head.results), href=f"{here}?show=all"), not only),
    )


def _fields(words: Words, sheet: Sheet) -> tuple[Any, ...]:
    which = (
        Option(value="picked", label=words("calibration.which_picked")),
        Option(value="all", label=words("calibration.which_all")),
    )
    fates = tuple(Option(value=one.value, label=words(f"calibration.fate_{one.value}")) for one in Fate)
    return (
        sheet.field("which", words("calibration.which"), "choice", "picked", options=which, required=True),
        sheet.field("fate", words("calibration.decision"), "choice", options=fates, required=True),
        sheet.field("reason", words("task.reason"), "long_text", required=True),
    )


def _line(words: Words, one: Any, picked: set[Any]) -> ResultLine:
    name = one.characteristic if words.language == "zh" else one.characteristic_en or one.characteristic
    return ResultLine(
        seq=one.seq,
        lot=Link(label=one.lot_no, href=lot_href(one.lot_no)),
        what=name,
        which=words("calibration.sample", n=one.sample_no)
        if one.work_order_no is None
        else words("calibration.operation", order=one.work_order_no, n=one.sample_no),
        value=" ".join(part for part in (one.value, one.unit) if part),
        passed=None if one.passed is None else mark("measured", "passed" if one.passed else "failed"),
        at=one.measured_at,
        instrument=one.equipment_no,
        decision=words(f"calibration.fate_{one.decision}") if one.decision else "",
        decided=" · ".join(part for part in (one.decided_by, one.reason) if part),
        finding=one.nonconformance or "",
        began=one.began_at,
        chosen=str(one.seq) in picked,
        open=one.decision is None,
    )
