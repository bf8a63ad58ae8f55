"""Whom and what the answers of a form name, in the record (REQ 58, 19): people by login, subjects by number.

Files are named by their digest.  Completing and its preview ask `settled` before anything else, so both say the same; what is kept is the person's public id and
the number as the record writes it.  Pages ask `offered` for what may be typed and `called` for what was.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from models.attachment import store as attachments
from models.attachment.rules.attachment import NOT_KEPT
from models.definition.answer import CLAUSE, empty
from models.definition.condition import Facts
from models.definition.document import Field, FieldType, Stage, fields
from models.definition.lint.fields import REFERABLE
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.kernel.typed import plain
from models.process import kinds
from models.process.form.form import FieldProblem, refused, silent, titles, validate_form
from models.register.store import numbers
from models.register.store.searching import matching, sought

NO_PERSON = Kind(
    "PRC-058",
    CLAUSE,
    "「{zh}」: 没有用户名为「{name}」的在职人员。",
    "“{en}”: nobody who works here has the user name “{name}”.",
    422,
)
NO_SUBJECT = Kind(
    "PRC-059", CLAUSE, "「{zh}」: 没有编号为「{name}」的{kind_zh}。", "“{en}”: there is no {kind_en} “{name}”.", 422
)
ASKED = frozenset({FieldType.PERSON, FieldType.REFERENCE, FieldType.ATTACHMENT})
"""Fields whose answers the record is asked about."""
OFFERED = 20
"""How many people or subjects a field offers for what was typed so far."""

PEOPLE = text("""
select a.login, p.public_id::text as public_id
  from person p join account a on a.person_id = p.id
 where p.active and p.kind = 'human' and (a.login = any(cast(:names as text[])) or p.public_id::text = any(cast(:names as text[])))
""")
CALLED = text("""
select p.public_id::text as public_id, said(p.name, p.name_en) as name from person p
 where p.public_id::text = any(cast(:ids as text[]))
""")
FOUND = text(f"""
select a.login as number, said(p.name, p.name_en) as name
  from person p
  join lateral (select c.login from account c where c.person_id = p.id and not c.disabled order by c.id limit 1) a on true
 where p.active and p.kind = 'human' and (cast(:q as text) is null or {matching(["a.login"], ["p.name", "p.name_en"])})
 order by p.name, p.id limit :n
""")  # noqa: S608 - our own column names; every value is a parameter


@dataclass(frozen=True)
class Offer:
    """What may be typed, and what it is called."""

    number: str
    name: str


def settled(
    session: Session, stage: Stage, form: Mapping[str, Any], outcome: str | None, facts: Facts
) -> dict[str, Any]:
    """The answers with people and subjects as the record names them, or PRC-004 with everything that is wrong.

    What is wrong without asking the record is said first.  A form that names nobody and nothing costs no statement.
    """
    if not any(field.type in ASKED for field in fields(stage)):
        return dict(form)
    given = validate_form(stage, form, stage.outcome(outcome), facts)
    problems = settle(session, stage, given, form)
    if problems:
        raise refused(problems)
    return given


def settle(session: Session, stage: Stage, given: dict[str, Any], form: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    """Write people and subjects into cleaned answers as the record names them; what it doesn't have is told.

    The place of each is that in `form`, as it came: with the empty rows that the cleaned one doesn't have.
    """
    named = [field for field in fields(stage) if field.type in {FieldType.PERSON, FieldType.REFERENCE}]
    known = _known(session, named, given, stage)
    problems: list[FieldProblem] = []
    for place, field, holder, names in _named(stage, given, form):
        typed = holder[field.key]
        number = known[_group(field)].get(typed)
        if number is None:
            problems.append(FieldProblem(place, _missing(field, typed, names)))
        else:
            holder[field.key] = number
    return (*problems, *_lacking(session, stage, given))


def _lacking(session: Session, stage: Stage, given: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Files that an answer names and nobody has sent: one statement for the whole form."""
    files = {
        field.key: given[field.key]
        for field in stage.form
        if field.type is FieldType.ATTACHMENT and given.get(field.key)
    }
    missing = attachments.lacking(session, [digest for digests in files.values() for digest in digests])
    for key, digests in files.items():
        for digest in digests:
            if digest in missing:
                yield FieldProblem(key, NOT_KEPT(digest=digest))


def _known(session: Session, named: list[Field], given: dict[str, Any], stage: Stage) -> dict[str, dict[str, str]]:
    """What the record has of the names, by group: one statement for all people, one for each kind of subject."""
    typed: dict[str, dict[str, None]] = {_group(field): {} for field in named}
    for _, field, holder, _ in _named(stage, given, given):
        typed[_group(field)][holder[field.key]] = None
    return {group: _found(session, group, tuple(names)) for group, names in typed.items()}


def _found(session: Session, group: str, names: Collection[str]) -> dict[str, str]:
    if not names:
        return {}
    if group:
        source = kinds.source(group)
        return numbers.all_meant(session, source.register, names) if source else {}
    asked = {one: plain(one).lower() for one in names}
    rows = session.connection().execute(PEOPLE, {"names": sorted(set(asked.values()))}).all()
    found = {row.login: row.public_id for row in rows} | {row.public_id: row.public_id for row in rows}
    return {one: found[name] for one, name in asked.items() if name in found}


def _group(field: Field) -> str:
    return field.subject or "" if field.type is FieldType.REFERENCE else ""


def _named(
    stage: Stage, given: dict[str, Any], form: Mapping[str, Any]
) -> Iterator[tuple[str, Field, dict[str, Any], dict[str, str]]]:
    """Each answer that names somebody or something: its place, its field, what holds it, what it is called."""
    kinds = {FieldType.PERSON, FieldType.REFERENCE}
    for field in stage.form:
        if field.type in kinds and not empty(given.get(field.key)):
            yield field.key, field, given, titles(field)
        if not field.columns or not given.get(field.key):
            continue
        places = [index for index, row in enumerate(form[field.key]) if not silent(field, row)]
        for index, row in zip(places, given[field.key], strict=True):
            for column in field.columns:
                if column.type in kinds and not empty(row.get(column.key)):
                    yield f"{field.key}[{index}].{column.key}", column, row, titles(column, field, index + 1)


def _missing(field: Field, typed: str, names: dict[str, str]) -> Refusal:
    if field.type is FieldType.PERSON:
        return NO_PERSON(name=typed[:60], **names)
    zh, en = REFERABLE.get(field.subject or "", Text("对象", "subject"))
    return NO_SUBJECT(name=typed[:60], kind_zh=zh, kind_en=en, **names)


def offered(session: Session, subject: str | None, typed: str, n: int = OFFERED) -> tuple[Offer, ...]:
    """People (without `subject`) or subjects of a kind whose number or name has what was typed."""
    source = kinds.source(subject or "")
    if subject is not None and source is None:
        return ()
    query = FOUND if source is None else text(source.statement)
    rows = session.connection().execute(query, {**sought(typed[:200]), "n": n})
    return tuple(Offer(row.number, row.name or "") for row in rows)


def called(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The names of people by public id."""
    if not ids:
        return {}
    return {row.public_id: row.name for row in session.connection().execute(CALLED, {"ids": sorted(set(ids))})}
