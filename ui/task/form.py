"""The form of a step on its page: fields of every type as they were typed, tables row by row, and what was recorded.

A cell of a table is named `lines[2].good`, as its problem is, and keeps its place until the form is taken: a browser keeps what stands
in a field while the page is drawn again around it.  Rows without a word in them are offered, not kept.  A moment is typed on the plant's clock and goes on with its offset.
Everything works as a plain form: a button asks the server for one more row, or for one less.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.attachment.rules.attachment import TOO_LARGE
from models.definition.answer import MOST_FILES
from models.definition.document import Field, FieldType, Stage, fields
from models.kernel.time import moments
from models.plant.queries import choices as queries_page_choices
from models.process.form.form import MOST_ROWS
from models.process.store import named_answers
from ui.attachment.view import lines as file_lines
from ui.frame.form.lines import moment
from ui.frame.i18n import Language, Words
from ui.frame.parts import Fact, FieldKind, FormField, KeptFile, Option, lot_href

DIGESTS = re.compile(r"[0-9a-f]{64}(?: [0-9a-f]{64})*")
"""The files of a question as the form holds them."""
CELL = re.compile(r"([a-z][a-z0-9_]{0,62})\[([0-9]{1,3})\]\.([a-z][a-z0-9_]{0,62})")
ASKED = re.compile(r"([+-])([a-z][a-z0-9_]{0,62})(?:\[([0-9]{1,3})\])?")
LEAST, MORE = 3, 3
"""Rows that an empty table offers, and how many more a press brings."""
FEW = 200
"""Places that a list still shows."""


def one_of(values: list[str | UploadFile], last: str) -> str:
    """Files stand under one name as often as there are files; of anything else the last counts."""
    files = " ".join(value for value in values if isinstance(value, str))
    return files if len(values) > 1 and DIGESTS.fullmatch(files) else last


def cells(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    """The rows of a table by their place, empty ones too: what stands in the third row stays in the third."""
    found: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        match = CELL.fullmatch(name)
        if match and match[1] == key:
            found.setdefault(int(match[2]), {})[match[3]] = value
    return [found.get(index, {}) for index in range(max(found, default=-1) + 1)]


def answers(stage: Stage, values: Mapping[str, str], zone: str) -> dict[str, Any]:
    """The answers of the step's form; `values` are those that are no part of the page itself (samples have a dot in their names)."""
    given: dict[str, Any] = {key: value for key, value in values.items() if "." not in key}
    given |= {key: cells(values, key) for key in tables(values)}
    known = {field.key: field for field in stage.form}
    for key, field in known.items():
        if field.type is FieldType.INSTANT and key in given:
            given[key] = moment(given[key], zone)
        if field.type is FieldType.ATTACHMENT and key in given:
            given[key] = given[key].split()
        timed = [column.key for column in field.columns if column.type is FieldType.INSTANT]
        for row in given.get(key) or () if timed else ():
            row |= {name: moment(row[name], zone) for name in timed if name in row}
    return given


def tables(values: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the tables of which something came in."""
    return tuple(dict.fromkeys(match[1] for match in map(CELL.fullmatch, values) if match))


def flat(form: Mapping[str, Any]) -> dict[str, str]:
    """A kept form as a page sends it: a draft that a machine has kept has tables as lists."""
    found: dict[str, str] = {}
    for key, value in form.items():
        if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            found |= {
                f"{key}[{number}].{name}": str(cell)
                for number, row in enumerate(value[:MOST_ROWS])
                for name, cell in row.items()
                if cell is not None
            }
        elif isinstance(value, list):
            found[key] = " ".join(str(one) for one in value)
        elif value is not None:
            found[key] = str(value)
    return found


def changed(values: Mapping[str, str], asked: str) -> dict[str, str]:
    """What was typed, with more empty rows in a table (`+lines`) or without one row (`-lines[2]`)."""
    match = ASKED.fullmatch(asked)
    if match is None:
        return dict(values)
    sign, key, number = match.groups()
    rows = cells(values, key)
    if sign == "+":
        rows = [*(rows or [{}] * LEAST), *([{}] * MORE)]
    elif number is not None and int(number) < len(rows):
        del rows[int(number)]
    kept = {name: value for name, value in values.items() if not _of(name, key)}
    kept |= {f"{key}[{index}].{name}": value for index, row in enumerate(rows) for name, value in row.items()}
    last = f"{key}[{len(rows) - 1}]."
    return kept if not rows or rows[-1] else {**kept, f"{last}{_column(rows)}": ""}


def _of(name: str, key: str) -> bool:
    match = CELL.fullmatch(name)
    return match is not None and match[1] == key


def _column(rows: list[dict[str, str]]) -> str:
    """A column of the table, to say how many rows there are."""
    return next((name for row in rows for name in row), "row")


@dataclass(frozen=True)
class Sheet:
    """What a form is drawn with: the words and the zone of who reads it, what was typed and what is wrong with it."""

    words: Words
    zone: str
    session: Session
    uom: str
    values: Mapping[str, str]
    wrong: Mapping[str, str]
    reader: UUID | None = None
    files_limit: int = 0

    @property
    def language(self) -> Language:
        """The reader's."""
        return self.words.language

    def fields(self, stage: Stage, but: str) -> tuple[FormField, ...]:
        """Every question of the step, but the reserved one of that key."""
        return tuple(
            self._table(field) if field.type is FieldType.TABLE else self.field(field, field.key)
            for field in stage.form
            if field.key != but
        )

    def field(self, one: Field, name: str, at: str = "") -> FormField:
        """One question; in a row of a table, `at` is where its neighbours are (`lines[2].`)."""
        options = tuple(Option(value=choice.key, label=choice.title.say(self.language)) for choice in one.choices)
        kind: FieldKind = one.type.value
        if one.key == "location" and one.type is FieldType.TEXT:
            places = queries_page_choices.locations(self.session)
            if len(places) <= FEW:
                kind = "choice"
                options = tuple(Option(value=place.code, label=f"{place.code} {place.name}") for place in places)
        made = FormField(
            key=name,
            label=one.title.say(self.language),
            kind=kind,
            value=self._typed(one, name),
            required=one.required,
            sometimes=one.required_when is not None,
            unit=one.unit or (self.uom if one.type is FieldType.QUANTITY else ""),
            minimum="" if one.minimum is None else f"{one.minimum:f}",
            maximum="" if one.maximum is None else f"{one.maximum:f}",
            options=options,
            error=self.wrong.get(name, ""),
        )
        if one.computed is not None:
            plus, minus = (
                " ".join(_part(part, at) for part in each) for each in (one.computed.plus, one.computed.minus)
            )
            return replace(made, kind="computed", plus=plus, minus=minus, value="")
        if one.type in {FieldType.PERSON, FieldType.REFERENCE}:
            return replace(made, search=_search(one, name), options=self._offered(one))
        if one.type is FieldType.ATTACHMENT:
            return self._files(made)
        if one.type is FieldType.INSTANT:
            return replace(made, help=self.words("form.clock_of", zone=self.zone))
        return made

    def _files(self, made: FormField) -> FormField:
        digests = made.value.split()
        kept = file_lines(self.session, digests, self.reader)
        return replace(
            made,
            files=tuple(kept[digest] for digest in dict.fromkeys(digests) if digest in kept),
            maximum=str(MOST_FILES),
            files_limit=self.files_limit,
            too_large=TOO_LARGE(limit=self.files_limit).sentence(self.language),
        )

    def _typed(self, one: Field, name: str) -> str:
        typed = self.values.get(name, "")
        if one.type is not FieldType.INSTANT:
            return typed
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            return typed
        return moments.field(at, self.zone) if at.tzinfo else typed

    def _offered(self, one: Field) -> tuple[Option, ...]:
        found = named_answers.offered(self.session, one.subject, "")
        return tuple(Option(value=offer.number, label=offer.name) for offer in found)

    def _table(self, one: Field) -> FormField:
        count = min(len(cells(self.values, one.key)) or LEAST, MOST_ROWS + MORE)
        offers = {column.key: self._offered(column) for column in one.columns if column.type in _SOUGHT}
        columns = tuple(self.cell(column, "", "", offers) for column in one.columns)
        rows = tuple(
            tuple(
                self.cell(column, f"{one.key}[{index}].{column.key}", f"{one.key}[{index}].", {})
                for column in one.columns
            )
            for index in range(count)
        )
        whole = [
            self.wrong[name]
            for name in (one.key, *(f"{one.key}[{index}]" for index in range(count)))
            if name in self.wrong
        ]
        return FormField(
            key=one.key,
            label=one.title.say(self.language),
            kind="table",
            required=one.required,
            sometimes=one.required_when is not None,
            columns=columns,
            rows=rows,
            error=" ".join(whole),
        )

    def cell(self, column: Field, name: str, at: str, offers: Mapping[str, tuple[Option, ...]]) -> FormField:
        """A question of a row; what all rows offer stands once, at the head of its column."""
        if column.type in _SOUGHT:
            plain = column.model_copy(update={"type": FieldType.TEXT})
            return replace(
                self.field(plain, name, at),
                kind=column.type.value,
                search=_search(column, name),
                options=offers.get(column.key, ()),
            )
        return self.field(column, name, at)


_SOUGHT = {FieldType.PERSON, FieldType.REFERENCE}


def _part(part: str, at: str) -> str:
    """How the page finds a part of a sum: by the name of its field, of a column in every row."""
    table, _, column = part.partition(".")
    return f"{table}[].{column}" if column else f"{at}{part}"


def _search(one: Field, name: str) -> str:
    path = "/options/people" if one.type is FieldType.PERSON else f"/options/subjects/{quote(one.subject or '-')}"
    return f"{path}?{urlencode({'of': name})}"


@dataclass(frozen=True)
class Said:
    """What was recorded, in words: the people that it names are read once for the whole form."""

    words: Words
    zone: str
    uom: str
    people: Mapping[str, str]
    files: Mapping[str, KeptFile]

    @classmethod
    def of(cls, words: Words, zone: str, session: Session, uom: str, stage: Stage, form: Mapping[str, Any]) -> "Said":
        """With the names of everybody and of every file that the form names."""
        asked = {field.key for field in fields(stage) if field.type is FieldType.PERSON}
        ids = {value for key, value in _leaves(form) if key in asked and isinstance(value, str)}
        return cls(
            words, zone, uom, named_answers.called(session, sorted(ids)), file_lines(session, digests_of(stage, form))
        )

    def fact(self, one: Field, value: Any) -> Fact:
        """One answer with its label."""
        label = one.title.say(self.words.language)
        if one.type is FieldType.TABLE:
            heads = tuple(column.title.say(self.words.language) for column in one.columns)
            rows = tuple(
                tuple(self.text(column, row[column.key]) if column.key in row else "" for column in one.columns)
                for row in value
            )
            return Fact(label=label, heads=heads, rows=rows)
        if one.type is FieldType.ATTACHMENT:
            kept = tuple(self.files[digest] for digest in value if digest in self.files)
            return Fact(label=label, files=kept, text=" ".join(value))
        href = lot_href(value) if one.type is FieldType.REFERENCE and one.subject == "lot" else None
        return Fact(label=label, text=self.text(one, value), href=href, code=one.type is FieldType.REFERENCE)

    def unit(self, code: str) -> str:
        """The unit in words."""
        return self.words.known(f"unit.{code.lower()}", code)

    def text(self, one: Field, value: Any) -> str:
        """One answer."""
        match one.type:
            case FieldType.BOOLEAN:
                return self.words("form.answer_yes" if value else "form.answer_no")
            case FieldType.CHOICE:
                titles = {choice.key: choice.title.say(self.words.language) for choice in one.choices}
                return titles.get(value, str(value))
            case FieldType.QUANTITY:
                return f"{value} {self.unit(one.unit or self.uom)}"
            case FieldType.PERSON:
                return self.people.get(value, str(value))
            case FieldType.INSTANT:
                return moments.minute(datetime.fromisoformat(value), self.zone)
            case _:
                return f"{value} {one.unit}" if one.unit else str(value)


def digests_of(stage: Stage, form: Mapping[str, Any]) -> tuple[str, ...]:
    """The contents that a recorded form names, in the order of its questions."""
    named = [form.get(field.key) or () for field in stage.form if field.type is FieldType.ATTACHMENT]
    return tuple(digest for digests in named for digest in digests)


def _leaves(form: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in form.items():
        if isinstance(value, list):
            for row in value:
                yield from row.items() if isinstance(row, Mapping) else ()
        else:
            yield key, value
