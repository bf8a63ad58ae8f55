"""What is not as it should be, as a page: decisions that wait, nonconformances, holds, failed inspections."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from models.definition.document import Definition
from models.nonconformance.queries import figures
from models.nonconformance.queries import findings as queries_page_quality
from models.process.queries.reading import definitions_of
from ui.frame.i18n import Words
from ui.frame.parts import Deadline
from ui.frame.status import mark
from ui.lot.mark import held_why, ref
from ui.nonconformance.figures import part as figures_part
from ui.nonconformance.page import FailedInspection, Nonconformance, OpenHold, QualityPage, QualityTask


def page(
    words: Words,
    session: Session,
    now: datetime,
    zone: str,
    *,
    can_recall: bool = False,
    can_raise: bool = False,
    can_open_capa: bool = False,
    can_ask_change: bool = False,
) -> QualityPage:
    """A constant number of statements; each table says how many there are in all, and every figure opens what it counts."""

    def recall(one: Any, why: str) -> str:
        """What went wrong as the beginning of a recall, for who may open one."""
        if not can_recall:
            return ""
        given = {"mode": "recall", "cause": "inspection", "identifier": one.lot_no, "title": one.item, "reason": why}
        return f"/recalls/new?{urlencode(given)}"

    found = queries_page_quality.read(session)
    known = definitions_of(session, {one.definition_id for one in (*found.releases, *found.inspections)})

    def task(one: Any) -> QualityTask:
        definition: Definition = known[one.definition_id]
        stage = definition.find(one.stage)
        return QualityTask(
            title=stage.title.say(words.language) if stage else definition.title.say(words.language),
            href=f"/tasks/{one.public_id}",
            lot=ref(_lot(one), now, zone),
            mark=mark("task", "claimed" if one.assignee else "open"),
            who=one.assignee or "",
            deadline=Deadline(due=one.due_at) if one.due_at else None,
        )

    return QualityPage(
        figures=figures_part(words, figures.read(session, now, zone)),
        can_open_capa=can_open_capa,
        can_ask_change=can_ask_change,
        releases=tuple(task(one) for one in found.releases),
        inspections=tuple(task(one) for one in found.inspections),
        holds=tuple(
            OpenHold(
                number="",
                lot=ref(_lot(one), now, zone),
                reason=held_why(words, one.cause, one.reason),
                who=one.placed_by,
                at=one.placed_at,
            )
            for one in found.holds
        ),
        nonconformances=tuple(
            Nonconformance(
                number=one.nonconformance_no,
                lot=ref(_lot(one), now, zone) if one.lot_no else None,
                subject_href=f"/subjects/{one.subject}",
                item=one.item or "",
                severity=mark("severity", one.severity),
                deadline=Deadline(due=one.due_at) if one.due_at else None,
                title=one.title if words.language == "zh" else one.title_en,
                who=one.owner or "",
                at=one.opened_at,
                href=f"/tasks/{one.task}" if one.task else "",
                recall_href=recall(one, f"{one.nonconformance_no} {one.title}") if one.lot_no else "",
            )
            for one in found.nonconformances
        ),
        failed=tuple(
            FailedInspection(
                number=one.inspection_no,
                lot=ref(_lot(one), now, zone),
                what=(one.zh if words.language == "zh" else one.en) or "",
                who=one.inspector or "",
                at=one.decided_at,
                recall_href=recall(
                    one, f"{one.inspection_no} {(one.zh if words.language == 'zh' else one.en) or ''}".strip()
                ),
            )
            for one in found.failed
        ),
        can_raise=can_raise,
        holds_total=found.counts.holds,
        nonconformances_total=found.counts.nonconformances,
        failed_total=found.counts.failed,
    )


def _lot(one: Any) -> dict[str, Any]:
    return {**one._mapping, "status": one.lot_status}  # noqa: SLF001 - SQLAlchemy's public name
