"""A finding on paper, and what a CAPA's paper is set from likewise: the record, every step with its answers, the signatures (REQUIREMENTS 40).

Steps and answers are said in the words of the process that the case went by, so a plant's own questions are on its paper too.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.definition.document import Field, FieldType, Stage
from models.kernel.large_json import canonical, written
from models.kernel.text import Text
from models.kernel.time.moments import minute
from models.kernel.units.names import both
from models.nonconformance.kind import SEVERITIES, SOURCES_SAID
from models.nonconformance.queries import findings as queries
from models.paper.pdf import PRINTED, pdf
from models.process.queries.reading import definitions_of

PAPER = Path(__file__).with_name("paper.typ")
STEPS = text("""
select t.stage, t.outcome, t.form, t.reason, t.done_at, r.definition_id, p.name, coalesce(r.state #>> '{facts,item.title}', '') as item
  from human_task t join process_run r on r.id = t.run_id join person p on p.id = t.done_by_id
 where t.subject_id = :subject and t.status = 'done' order by t.done_at, t.id
""")
SIGNED = text("""
select s.printed_name as name, s.meaning, s.outcome, s.signed_at, s.digest, t.stage, coalesce(t.reason, '') as reason, r.definition_id
  from signature s left join human_task t on t.id = s.task_id left join process_run r on r.id = s.run_id
 where s.subject_id = :subject order by s.signed_at, s.id
""")
STATES = {
    "open": Text("进行中", "open"),
    "closed": Text("已关闭", "closed"),
    "withdrawn": Text("不需要措施", "no action needed"),
}
YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}
Said = tuple[str, str, Any]
"""A label in both languages and its value: text, or a moment."""


def finding(session: Session, number: str, now: datetime) -> dict[str, Any]:
    """The document of one finding."""
    row = queries.of_number(session, number)
    amount = f"{row.quantity.normalize():f} {both(row.uom)}" if row.quantity is not None else ""
    about: list[Said] = [
        ("状态", "State", STATES[row.status].both),
        ("严重程度", "Severity", _both(SEVERITIES[row.severity])),
        ("来源", "Found by", _both(SOURCES_SAID[row.source])),
        ("批次", "Batch", row.lot_no),
        ("物料", "Item", row.item_no),
        ("供应商", "Supplier", row.supplier_no),
        ("供方批号", "Supplier's lot", row.supplier_lot_no),
        ("位置", "Place", row.location),
        ("隔离数量", "Set apart", amount),
        ("实际值", "Value", row.value),
        ("要求", "Requirement", row.limit),
        ("发生时间", "Happened at", row.happened_at),
        ("立案时间", "Opened at", row.opened_at),
        ("负责人", "Owner", row.owner),
        ("原因", "Cause", row.cause),
        ("关闭时间", "Closed at", row.closed_at),
    ]
    files = [(one,) for one in row.files]
    parts = [part("照片和文件", "Photographs and files", (Text("SHA-256", "SHA-256"),), files)] if files else []
    kind = Text("偏差", "Deviation") if row.kind == "deviation" else Text("不合格", "Nonconformance")
    title = Text(row.title, row.title_en or row.title)
    return document(session, row.subject_key, row.nonconformance_no, kind, title, about, parts, now)


def part(zh: str, en: str, heads: Sequence[Text], rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """A table of the paper."""
    return {
        "zh": zh,
        "en": en,
        "heads": [one._asdict() for one in heads],
        "rows": [[_value(cell) for cell in row] for row in rows],
    }


def document(
    session: Session,
    subject: int,
    number: str,
    kind: Text,
    title: Text,
    about: Iterable[Said],
    parts: Sequence[Mapping[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    """What is printed and attached, with its digest; a moment is `{"at": …}`."""
    found = {
        "number": number,
        "kind": kind._asdict(),
        "title": title._asdict(),
        "at": {"at": now.isoformat()},
        "about": [{"zh": zh, "en": en, "value": _value(value)} for zh, en, value in about if value not in (None, "")],
        "parts": list(parts),
        "steps": _steps(session, subject),
        "signatures": _signatures(session, subject),
    }
    return {**found, "digest": sha256(canonical(found)).hexdigest()}


def paper(made: Mapping[str, Any], at: datetime, zone: str, *, test: bool) -> bytes:
    """The paper of a document; its moments are printed on the plant's clock."""
    shown = _local({**made, "parts": [_cut(one) for one in made["parts"]]}, zone)
    return pdf(PAPER, written(made), written({**shown, "zone": zone}), at, test=test)


def _cut(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "rows": one["rows"][:PRINTED], "rows_count": len(one["rows"])}


def _local(value: Any, zone: str) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"at"} and isinstance(value["at"], str):
            return minute(datetime.fromisoformat(value["at"]), zone)
        return {name: _local(one, zone) for name, one in value.items()}
    return [_local(one, zone) for one in value] if isinstance(value, list | tuple) else value


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return "" if value is None else str(value)


def _both(said: Any) -> str:
    return f"{said.say('zh')} {said.say('en')}"


def _steps(session: Session, subject: int) -> list[dict[str, Any]]:
    rows = session.connection().execute(STEPS, {"subject": subject}).all()
    known = definitions_of(session, {one.definition_id for one in rows})
    found = []
    for one in rows:
        stage = known[one.definition_id].find(one.stage)
        found.append(
            {
                "title": _title(stage, one.stage),
                "outcome": _outcome(stage, one.outcome),
                "who": one.name,
                "at": {"at": one.done_at.isoformat()},
                "item": one.item,
                "reason": one.reason or "",
                "answers": _answers(stage.form if stage else (), one.form or {}),
            }
        )
    return found


def _title(stage: Stage | None, key: str) -> dict[str, str]:
    return {"zh": stage.title.say("zh"), "en": stage.title.say("en")} if stage else {"zh": key, "en": key}


def _outcome(stage: Stage | None, key: str | None) -> str:
    outcome = next((one for one in stage.outcomes if one.key == key), None) if stage else None
    return _both(outcome.title) if outcome else ""


def _answers(form: Iterable[Field], said: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"zh": field.title.say("zh"), "en": field.title.say("en"), "value": _answer(field, said[field.key])}
        for field in form
        if said.get(field.key) not in (None, "", [])
    ]


def _answer(field: Field, value: Any) -> str:
    """An answer in words; rows of a table one to a line."""
    match field.type:
        case FieldType.BOOLEAN:
            return YES_NO[bool(value)].both
        case FieldType.CHOICE:
            chosen = next((one for one in field.choices if one.key == value), None)
            return _both(chosen.title) if chosen else str(value)
        case FieldType.TABLE:
            return "\n".join(" · ".join(one["value"] for one in _answers(field.columns, row)) for row in value)
        case FieldType.ATTACHMENT:
            return "\n".join([value] if isinstance(value, str) else [str(one) for one in value])
        case _:
            return f"{value} {field.unit}" if field.unit else str(value)


def _signatures(session: Session, subject: int) -> list[dict[str, Any]]:
    rows = session.connection().execute(SIGNED, {"subject": subject}).all()
    known = definitions_of(session, {one.definition_id for one in rows if one.definition_id is not None})
    found = []
    for one in rows:
        stage = known[one.definition_id].find(one.stage) if one.definition_id in known else None
        meaning = stage.signature.title if stage and stage.signature else None
        found.append(
            {
                "stage": _both(stage.title) if stage else one.stage or "",
                "name": one.name,
                "meaning": _both(meaning) if meaning else one.meaning,
                "outcome": _outcome(stage, one.outcome) or one.outcome or "",
                "signed_at": {"at": one.signed_at.isoformat()},
                "digest": one.digest,
                "reason": one.reason,
            }
        )
    return found
