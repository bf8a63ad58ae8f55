"""Sample contexts of what changes a batch afterwards: corrected links, reshaping, a part rejected, goods pulled back."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as Dec
from types import SimpleNamespace
from typing import Any, cast

from starlette.datastructures import FormData

from models.correction import rules as correction
from models.kernel.refusal import Refusal
from models.lot.queries.views import LotDetail
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.pull import rules as pulling
from models.reshape import rules as reshape
from tests.samples.pages import DIGEST, LONG_ZH, SCRIPT, hours, lot_full, ref
from ui.correction import page as links
from ui.frame.i18n import Language, Words
from ui.frame.parts import Amount, Deadline, Draft, Fact, FormField, Link, Option, SignatureLine, SignaturePanel
from ui.frame.render import Page
from ui.frame.status import mark
from ui.frame.words.units import in_words
from ui.lot.page.lot import LotPage
from ui.reshape.view import forms
from ui.task import page as task

Make = Callable[[Language], Page]
MANAGER = Principal(
    1, "1", "吴经理", 0, "wu.jingli", frozenset({Role.QUALITY_MANAGER}), PERMISSIONS[Role.QUALITY_MANAGER]
)


# --- links ---------------------------------------------------------------------------------------------------------


def _link(number: int, lot_no: str, quantity: str, operation: str, **more: Any) -> links.LinkRow:
    given: dict[str, Any] = {
        "lot_no": lot_no, "href": f"/lots/{lot_no}", "item": "PEEK 棒料 Ø25 × 1000 mm 医用级", "amount": Amount(value=Dec(quantity), unit="rod"),
        "what": "", "operation": operation, "at": hours(-90 + number), "who": "王操", "correct_href": f"?correct={number}#correct",
    }  # fmt: skip
    return links.LinkRow(**{**given, **more})


def _rows(language: Language) -> tuple[links.LinkRow, ...]:
    zh = language == "zh"
    went = "投料" if zh else "Consumed"
    wrong = {
        "corrected_at": hours(-2),
        "corrected_by": "吴经理",
        "reason": f"扫错标签: 实际用的是 R-88-13 {SCRIPT}",
        "correct_href": "",
    }
    step = "20 精车" if zh else "20 Turning"
    return (
        _link(1, "R-88-12", "6", f"WO-2611-07 · {step}", what=went, **wrong),
        _link(2, "R-88-13", "4.5", f"WO-2611-07 · {step}", what=went, correction=True, chosen=True),
        _link(3, "R-88-12", "1.5", f"WO-2611-07 · {step}", what=went, correction=True),
        _link(4, "H-2610-09", "2", "", what="返工" if zh else "Rework", correct_href="", who="系统" if zh else "System"),
    )  # fmt: skip


def _page(language: Language, form: links.CorrectForm | None = None) -> Page:
    return links.LinksPage(lot=ref("H-2611-04", "finished"), rows=_rows(language), form=form, command_key="k")


def _form(language: Language, **more: Any) -> links.CorrectForm:
    given: dict[str, Any] = {
        "link": 2, "lot_no": "R-88-13", "amount": Amount(value=Dec("4.5"), unit="rod"),
        "operation": "WO-2611-07 · 20 精车" if language == "zh" else "WO-2611-07 · 20 Turning",
        "lines": (links.UsedLine(lot_no="R-88-13", quantity="4.5"), links.UsedLine(), links.UsedLine()),
    }  # fmt: skip
    return links.CorrectForm(**{**given, **more})


def links_refused(language: Language) -> Page:
    """Two lines typed, one of them more than there is, and no reason."""
    error = "批次 R-88-14 在 RM-A1 只有 2 根。" if language == "zh" else "There are 2 rods of R-88-14 at RM-A1."
    lines = (links.UsedLine(lot_no="R-88-13", quantity="1"), links.UsedLine(lot_no="R-88-14", quantity="九百", location="RM-A1", error=error), links.UsedLine())  # fmt: skip
    refusal = correction.NO_REASON()
    why = refusal.sentence(language)
    return _page(language, _form(language, lines=lines, reason=LONG_ZH, reason_error=why, refusal=refusal))


def links_blocked(language: Language) -> Page:
    """An operator, after the inspection."""
    return _page(language, _form(language, blocked=correction.INSPECTED(child="H-2611-04")))


def links_many(language: Language) -> Page:
    """More than a page holds, filtered."""
    rows = tuple(
        _link(n, f"R-88-{n:03}", "1", "WO-2611-07", what="投料" if language == "zh" else "Consumed") for n in range(40)
    )
    return links.LinksPage(lot=ref("H-2611-04", "in_process"), rows=rows, q="R-88", more=50, command_key="k")


# --- reshaping -----------------------------------------------------------------------------------------------------


def _detail(*, serials: int) -> LotDetail:
    """As much of a batch as the forms ask about: 480 in two places."""
    lot = SimpleNamespace(lot_no="H-2611-04", kind="finished", status="released", in_stock=Dec(480), uom="pcs")
    stock = tuple(
        SimpleNamespace(location=code, location_name=name)
        for code, name in (("FG-A1", "成品库 A1"), ("QA-01", "留样室"))
    )
    return cast("LotDetail", SimpleNamespace(lot=lot, stock=stock, serial_units=serials))


def reshaping(act: str = "", given: dict[str, str] | None = None, refusal: Refusal | None = None) -> Make:
    """The page of a batch with the forms that reshape it; one of them perhaps refused."""

    def made(language: Language) -> Page:
        form = FormData(given) if given is not None else None
        found = forms(Words(language), MANAGER, _detail(serials=480 if act == "split" else 0), act, form, refusal)
        return replace(cast("LotPage", lot_full(language)), reshape=found)

    return made


SPLIT = {
    "part_lot_no": "H-2611-04-A",
    "part_quantity": "500",
    "part_serials": "SN-0001 SN-0002",
    "split_reason": LONG_ZH,
}
REPACK = {"repack_quantity": "480", "repack_new_quantity": "7", "repack_new_uom": "box", "repack_into": "H-2611-04-B"}


# --- decided and fetched -------------------------------------------------------------------------------------------


def disposition(*, refused: bool = False) -> Make:
    """A part is proposed for rejection; the approver decides."""

    def made(language: Language) -> Page:
        words, zh = Words(language), language == "zh"
        options = (
            Option(
                value="reject_part",
                label="拒收这一部分" if zh else "Reject this part",
                hint=words("task.reason_needed"),
            ),
            Option(value="keep", label="不拒收" if zh else "Keep it all", hint=words("task.reason_needed")),
        )
        refusal = Refusal("PRC-003", "21 CFR 11.50", "此决定必须写明理由。", "This decision needs a reason.", 422)
        return task.TaskPage(
            head=task.TaskHead(
                id="0197c1", title="决定部分处置" if zh else "Decide on a part", process="部分处置 v1" if zh else "Partial disposition v1",
                why="流程「部分处置」v1" if zh else "process “Partial disposition” v1", mark=mark("task", "open"),
                lot=ref("H-2611-04", "inspected"), deadline=Deadline(due=hours(20)), law="ISO 13485 8.3.2", can_claim=True,
            ),
            facts=(
                Fact(label=words("reshape.rejected"), amount=Amount(value=Dec(20), unit="pcs")),
                Fact(label=words("reshape.kept"), amount=Amount(value=Dec(460), unit="pcs")),
                Fact(label=words("reshape.rejected_lot"), text="H-2611-04-NG", code=True),
                Fact(label=words("reshape.reason"), text=LONG_ZH if refused else "外观划伤"),
                Fact(label=words("reshape.proposed_by"), text="林检"),
            ),
            outcomes=FormField(
                key="outcome", label=words("task.decision"), kind="choice", required=True, options=options, value="reject_part" if refused else ""
            ),
            reason=FormField(key="reason", label=words("task.reason"), kind="long_text", error=refusal.sentence(language) if refused else ""),
            signature=SignaturePanel(
                meaning="本人批准此处置" if zh else "I approve this disposition", digest=DIGEST, attempts_left=2 if refused else None
            ),
            refusal=refusal if refused else None, draft=Draft(key="d1"), command_key="k",
        )  # fmt: skip

    return made


def pull(state: str) -> Make:
    """Goods of a recall are fetched: open, refused because the count differs, done."""

    def made(language: Language) -> Page:
        words, zh, refused = Words(language), language == "zh", state == "refused"
        refusal = in_words(pulling.DIFFERS(expected="30", found="28", uom="EA"))
        lots = tuple(f"H-{n:05d} · 1 {words('unit.pcs')}" for n in range(20))
        places = (Option(value="QA-01", label="QA-01 隔离区"), Option(value="RCV-01", label="RCV-01 收货待检区"))
        fields = (
            FormField(
                key="found",
                label="找到的数量" if zh else "Quantity found",
                kind="quantity",
                unit="pcs",
                required=True,
                value="28" if refused else "",
            ),
            FormField(
                key="location",
                label="现在放在哪里" if zh else "Where it is now",
                kind="choice",
                options=places,
                value="QA-01" if refused else "",
            ),
            FormField(
                key="note", label="说明 (数量不符时写明差异)" if zh else "Note (name the difference)", kind="long_text"
            ),
        )
        return task.TaskPage(
            head=task.TaskHead(
                id="0197c2", title="拿回并隔离" if zh else "Bring back and quarantine", process="拦截实物 v1" if zh else "Pull goods v1",
                why="流程「拦截实物」v1" if zh else "process “Pull goods” v1", mark=mark("task", "done" if state == "done" else "claimed"),
                recall=Link(label="RC-2026-001", href="/recalls/RC-2026-001"), deadline=Deadline(due=hours(-1 if refused else 2), done=state == "done"), assignee="李仓",
                law="ISO 13485 8.3.1, 8.3.3", can_release=True,
            ),
            facts=(
                Fact(label=words("pull.place"), text=words("pull.at_location", place="CR-2", title=f"洁净间 2 {SCRIPT}")),
                Fact(label=words("pull.expected"), amount=Amount(value=Dec(30), unit="pcs")),
                Fact(
                    label=words("trace.title_lots", n=30), text=words("pull.more", n=10),
                    links=tuple(Link(label=one, href="/lots/H-00000") for one in lots),
                ),
            ),
            fields=() if state == "done" else fields, refusal=refusal if refused else None, draft=Draft(key="p1"), command_key="k", done=state == "done",
            answers=(Fact(label="找到的数量" if zh else "Quantity found", text=f"28 {words('unit.pcs')}"), Fact(label="现在放在哪里" if zh else "Where it is now", text="QA-01")),
            signatures=(SignatureLine(who="李仓", role="仓管员" if zh else "Warehouse", at=hours(-1), meaning="–", digest=DIGEST),) if state == "signed" else (),
        )  # fmt: skip

    return made


PAGES: dict[str, Make] = {
    "links": _page,
    "links-empty": lambda _: links.LinksPage(lot=ref("R-88-12"), rows=()),
    "links-form": lambda language: _page(language, _form(language)),
    "links-refused": links_refused,
    "links-blocked": links_blocked,
    "links-many": links_many,
    "lot-reshape": reshaping(),
    "lot-split-refused": reshaping("split", SPLIT, reshape.NOTHING()),
    "lot-repack-refused": reshaping(
        "repack", REPACK, reshape.INEXACT(quantity="480", uom="pcs", new_quantity="7", new_uom="box")
    ),
    "task-disposition": disposition(),
    "task-disposition-refused": disposition(refused=True),
    "pull-task": pull("open"),
    "pull-refused": pull("refused"),
    "pull-done": pull("done"),
}
