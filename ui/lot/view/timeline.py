"""What happened to a batch, in people's words: each fact of the record becomes a sentence (REQUIREMENTS 2)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from models.definition.document import Text
from models.label.rules import receipt as receipt_label
from models.lot.queries.views import TimelineEntry as Happened
from models.lot.rules.open_hold import APART
from models.person.rules.known_roles import role_name
from models.production.rules.past_work import is_live
from ui.frame.i18n import Words
from ui.frame.parts import TimelineEntry, lot_href, unit_href
from ui.frame.status import Mark, mark
from ui.frame.words.numbers import quantity
from ui.lot.mark import held_why, lot_mark

PROCESSES = {
    "batch-lifecycle",
    "incoming-inspection",
    "final-inspection",
    "release",
    "disposition",
    "nonconformance",
    "material-review",
}
ALREADY_SAID = {"inspect", "packaging", "putaway", "decide"}
"""Steps whose effect is a fact of its own: two lines for one act would be one too many."""

NONCONFORMANCES = re.compile(r"(nonconformance|deviation)\.(opened|decided)")

MARKS: dict[str, Mark] = {
    "inspection_accepted": mark("verdict", "pass"),
    "inspection_failed": mark("verdict", "fail"),
    "lot_held": lot_mark("released", held=True),
    "lot_released": lot_mark("released"),
    "lot_rejected": lot_mark("rejected"),
}


def timeline(
    words: Words,
    facts: tuple[Happened, ...],
    unit: str,
    titles: Mapping[tuple[str, str], Text],
    operations: Mapping[int, str] | None = None,
) -> tuple[TimelineEntry, ...]:
    """The facts in their order.  `titles` are steps' names by process and stage, `operations` names by number."""
    named = operations or {}
    facts = tuple(
        replace(fact, data={**fact.data, "title": named[fact.data["seq"]]}) if fact.data.get("seq") in named else fact
        for fact in facts
    )
    said = (_entry(words, fact, unit, titles) for fact in facts if not _twice(fact))
    return tuple(said)


def _twice(fact: Happened) -> bool:
    process, _, stage = fact.fact.partition(".")
    return process in PROCESSES and stage in ALREADY_SAID


def _entry(words: Words, fact: Happened, unit: str, titles: Mapping[tuple[str, str], Text]) -> TimelineEntry:
    what, detail = _said(words, fact, unit, titles)
    return TimelineEntry(
        at=fact.at,
        who=fact.who or words("fact.system"),
        what=what,
        detail=detail,
        href=_href(fact),
        mark=MARKS.get(fact.fact.replace(".", "_")),
        happened=fact.happened_at if fact.happened_at and not is_live(fact.happened_at, fact.at) else None,
    )


def _said(words: Words, fact: Happened, unit: str, titles: Mapping[tuple[str, str], Text]) -> tuple[str, str]:
    process, _, stage = fact.fact.partition(".")
    data = fact.data
    if process in PROCESSES and not NONCONFORMANCES.fullmatch(fact.fact):
        title = titles.get((process, stage))
        outcome = str(data.get("outcome") or "")
        said = "" if outcome in {"", "done"} else words.known(f"fact.outcome_{outcome}", outcome)
        return (title.say(words.language) if title else words("fact.step")), said
    key = f"fact.{fact.fact.replace('.', '_')}"
    if NONCONFORMANCES.fullmatch(fact.fact):
        decided = words.known(f"fact.decided_{data.get('outcome', '')}", "")
        parts = (str(data.get("number", "")), str(data.get(words.language, "")), decided)
        return words(key), " · ".join(part for part in parts if part)
    if process == "legacy":
        return words("fact.legacy"), str(data.get("notes") or data.get("order") or "")
    if key == "fact.lot_label_differs":
        return words(key), _differences(words, data)
    if process == "lot" and stage.startswith("pause"):
        return words(key), _pause(words, data)
    return words.known(key, words("fact.other")), _detail(words, fact.fact, data, unit)


def _pause(words: Words, data: Mapping[str, Any]) -> str:
    """Which change paused the batch, at which step, and how it goes on."""
    step = words.known(f"change.step_{data.get('step')}", "")
    way = words.known(f"change.way_{data.get('way')}", "")
    parts = (data.get("change"), f"{step} {data.get('seq') or ''}".strip(), way, data.get("reason"))
    return " · ".join(str(part) for part in parts if part)


def _label_reason(words: Words, data: Mapping[str, Any]) -> str:
    """Why it was received although its label says something else."""
    return f"{words('receive.label_reason')}: {data['label_reason']}" if data.get("label_reason") else ""


def _listed(words: Words, data: Mapping[str, Any]) -> str:
    """Under which approval of its supplier it came; why none covers it its hold says."""
    return (
        ""
        if data.get("quarantine")
        else words("receive.by_approval", number=data["approval"])
        if data.get("approval")
        else ""
    )


def _differences(words: Words, data: Mapping[str, Any]) -> str:
    """What a label said otherwise, in the reader's language."""
    said = receipt_label.say(receipt_label.Difference(**one) for one in data.get("label_differs") or ())
    return f"{said[0] if words.language == 'zh' else said[1]} · {data.get('label_reason', '')}"


def _detail(words: Words, fact: str, data: Mapping[str, Any], unit: str) -> str:
    def many(key: str) -> str:
        told = f" ({data['told']})" if key == "quantity" and data.get("told") else ""
        return _amount(words, data.get(key), str(data.get("uom", unit))) + told

    def said(key: str) -> str:
        return str(data.get(key) or "")

    match fact.replace(".", "_"):
        case "lot_received" | "lot_part_held" | "lot_part_lifted":
            said_of_it = _label_reason(words, data) or said("reason")
            parts = [many("quantity"), said("location"), said_of_it, _listed(words, data)]
        case "lot_consumed":
            parts = [many("quantity"), f"→ {said('into')}"]
        case "lot_shipped":
            parts = [many("quantity"), said("customer"), said("shipment")]
        case "production_finished":
            parts = [many("produced")]
        case "operation_recorded":
            parts = [f"{said('seq')} {said('title')}".strip()]
        case "lot_held" | "lot_hold_lifted":
            at_release = words("lot.held_at_release") if fact.endswith(".held") else ""
            parts = [held_why(words, APART, said("apart")) or said("reason") or at_release]
        case "lot_packed":
            parts = _packed(words, data, {key: many(key) for key in ("packed", "samples", "scrapped", "missing")})
        case (
            "lot_split"
            | "lot_merged"
            | "lot_repacked"
            | "lot_split_from"
            | "lot_merged_from"
            | "lot_repacked_from"
            | "lot_disposition_proposed"
            | "lot_consumed_corrected"
            | "lot_not_consumed"
            | "lot_link_corrected"
            | "lot_packed_into"
            | "lot_unpacked_from"
            | "lot_moved_with_unit"
            | "lot_moved"
        ):
            way = f"→ {said('into')}" if said("into") else f"← {said('from')}"
            parts = [f"{said('wrong')} {many('quantity')}".strip(), way, said("reason")]
        case "task_escalated":
            parts = [_role(words, said("to"))]
        case _:
            parts = [said(key) for key in ("reason", "inspection", "work_order", "location", "serials")]
    return " · ".join(part for part in parts if part)


def _packed(words: Words, data: Mapping[str, Any], counted: Mapping[str, str]) -> list[str]:
    """How a batch was packed: goods, what is missing and why, labels and what they are off by."""
    labels = data.get("labels") or {}
    known = {key: labels.get(key, 0) for key in ("printed", "applied", "scrapped")}
    off = str(labels.get("difference") or "0")
    said = [words("fact.packed_detail", **{key: counted[key] for key in ("packed", "samples", "scrapped")})]
    said += [words("fact.missing_detail", n=counted["missing"])] if str(data.get("missing") or "0") != "0" else []
    said += [words("fact.labels_detail" if off == "0" else "fact.labels_off", **known, n=off)]
    return [*said, str(data.get("reason") or "")]


def _role(words: Words, key: str) -> str:
    return role_name(key, words.language)


def _amount(words: Words, value: object, unit: str) -> str:
    try:
        return quantity(words, Decimal(str(value)), unit)
    except InvalidOperation:
        return ""


def _href(fact: Happened) -> str | None:
    data = fact.data
    match fact.fact.replace(".", "_"):
        case (
            "lot_consumed" | "lot_split" | "lot_merged" | "lot_repacked" | "lot_consumed_corrected" | "lot_not_consumed"
        ) if data.get("into"):
            return lot_href(str(data["into"]))
        case "lot_split_from" | "lot_merged_from" | "lot_repacked_from" if data.get("from"):
            return lot_href(str(data["from"]))
        case "lot_packed_into" | "lot_unpacked_from" | "lot_moved_with_unit" if data.get("unit"):
            return unit_href(str(data["unit"]))
        case "lot_shipped" if data.get("shipment"):
            return f"/shipments/{quote(str(data['shipment']), safe='')}"
        case "production_started" if data.get("work_order"):
            return f"/work-orders/{quote(str(data['work_order']), safe='')}"
        case _:
            return None
