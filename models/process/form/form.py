"""Checks the answers of a form field by field and brings them into the one shape that is stored.

What one answer may be is `process_form_values`.  A table is a list of rows, each read as a form of its own is; a problem in one
is named `table[2].column` (from 0), an empty row is left out.  A computed field is worked out here, exactly, and never taken
from what was typed: where one of its parts has no answer it has none.  `required_when` is asked over the answers of this form
(in a row: of the row first) and the facts of the run.

Every door asks this function: validator, completing, preview, page.  Whether a person or a subject exists is asked of the
record (`models.process.store.named_answers`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any

from models.definition.answer import CLAUSE, REQUIRED, Names, answer, empty, within
from models.definition.condition import Facts, holds
from models.definition.document import Field, FieldType, Outcome, Stage, Text
from models.kernel.refusal import Kind, Refusal

FORM = Kind(
    "PRC-004",
    CLAUSE,
    "表单有 {count} 处需要更正: {problems_zh}",
    "{count} answer(s) of the form need correcting: {problems_en}",
    422,
)
UNKNOWN = Kind("PRC-031", CLAUSE, "表单没有「{name}」这一栏。", "The form has no field “{name}”.", 422)
TABLE = Kind("PRC-054", CLAUSE, "「{zh}」要填若干行。", "“{en}” must be a list of rows.", 422)
ROW = Kind("PRC-055", CLAUSE, "「{zh}」不是一行。", "“{en}” is no row.", 422)
TOO_MANY_ROWS = Kind(
    "PRC-056",
    CLAUSE,
    "「{zh}」最多 {limit} 行, 现有 {count} 行, 未作任何记录。",
    "“{en}” takes at most {limit} rows; there are {count}, and nothing was recorded.",
    422,
)
TOO_MUCH = Kind(
    "PRC-057",
    CLAUSE,
    "「{zh}」各行合计最多 {limit} 个字符, 现有 {count} 个, 未作任何记录。",
    "All rows of “{en}” take at most {limit} characters; there are {count}, and nothing was recorded.",
    422,
)

REASON = "reason"
"""The reserved answer that carries the reason of an outcome; every stage with outcomes takes it."""
REASON_FIELD = Field(key=REASON, title=Text(zh="理由", en="Reason"), type=FieldType.LONG_TEXT, max_length=4000)
MOST_ROWS = 500
"""Rows of a table in a form; the state of a run carries them, and longer lists are imported."""
MOST_CHARACTERS = 100_000
"""Characters of all rows of a table together."""
_SAID = 20
"""Problems that the one refusal says in whole sentences; it counts them all."""
_EXACT = Context(prec=100)


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one answer; the page shows it beside the field."""

    field: str
    refusal: Refusal


def read_form(
    stage: Stage, form: Mapping[str, Any], outcome: Outcome | None = None, facts: Facts | None = None
) -> tuple[dict[str, Any], tuple[FieldProblem, ...]]:
    """The cleaned answers and everything that is wrong with the others; `facts` are those of the run."""
    fields = {field.key: field for field in stage.form}
    if stage.outcomes and REASON not in fields:
        fields[REASON] = REASON_FIELD
    if outcome is not None and outcome.reason_required and REASON in fields:
        fields[REASON] = fields[REASON].model_copy(update={"required": True})
    return _Form(stage.key, facts or {}).read(fields, form)


def validate_form(
    stage: Stage, form: Mapping[str, Any], outcome: Outcome | None = None, facts: Facts | None = None
) -> dict[str, Any]:
    """The cleaned answers, or one refusal (PRC-004) that lists every field that is wrong."""
    clean, problems = read_form(stage, form, outcome, facts)
    if problems:
        raise refused(problems)
    return clean


def refused(problems: Sequence[FieldProblem]) -> Refusal:
    """The one refusal of a form, with a sentence for each of the first problems and the number of all."""
    said, more = problems[:_SAID], len(problems) - _SAID
    zh = "".join(problem.refusal.zh for problem in said)
    en = " ".join(problem.refusal.en for problem in said)
    return FORM(
        count=len(problems),
        fields=",".join(str(problem.field)[:60] for problem in said),
        problems_zh=f"{zh}另有 {more} 处。" if more > 0 else zh,
        problems_en=f"{en} And {more} more." if more > 0 else en,
    )


def titles(field: Field, table: Field | None = None, number: int = 0) -> Names:
    """What a field is called in a sentence, with its table and the number of its row from 1."""
    zh, en = field.title.say("zh"), field.title.say("en")
    if table is None:
        return {"zh": zh, "en": en}
    return {"zh": f"{table.title.say('zh')} 第 {number} 行 {zh}", "en": f"{table.title.say('en')}, row {number}: {en}"}


def silent(table: Field, row: Mapping[str, Any]) -> bool:
    """Whether nothing stands in a row but what the system works out: it was only offered, and is left out."""
    computed = {column.key for column in table.columns if column.computed is not None}
    return all(empty(value) for key, value in row.items() if key not in computed)


@dataclass(frozen=True)
class _Form:
    """One form, or one row of a table of it: `outer` are the form's own answers, `at` is `table[2]`."""

    stage: str
    facts: Facts
    table: Field | None = None
    number: int = 0
    outer: Mapping[str, Any] | None = None

    def read(
        self, fields: Mapping[str, Field], given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[FieldProblem, ...]]:
        """The answers in the order of the fields: what is asked, then tables, which may read it, then what is worked out."""
        found: dict[str, Any] = {}
        wrong: dict[str, list[FieldProblem]] = {}
        for key, field in sorted(fields.items(), key=lambda one: _turn(one[1])):
            try:
                value = self._one(field, given.get(key), found, fields)
            except Refusal as refusal:
                wrong[key] = [FieldProblem(self._at(key), refusal)]
                continue
            if isinstance(value, _Rows):
                wrong[key] = value.problems
                value = value.rows or None
            if value is not None:
                found[key] = value
        for key, field in fields.items():
            if key not in found and not wrong.get(key) and self._required(field, found):
                wrong[key] = [FieldProblem(self._at(key), REQUIRED(**self._titles(field)))]
        strangers = [
            FieldProblem(self._at(str(name)[:60]), UNKNOWN(name=str(name)[:60])) for name in given if name not in fields
        ]
        problems = strangers + [problem for key in fields for problem in wrong.get(key, ())]
        return {key: found[key] for key in fields if key in found}, tuple(problems)

    def _one(self, field: Field, raw: Any, found: Mapping[str, Any], fields: Mapping[str, Field]) -> Any:
        if field.computed is not None:
            return self._computed(field, found, fields)
        if empty(raw):
            return None
        if field.type is FieldType.TABLE:
            return self._rows(field, raw, found)
        return answer(field, raw, self._titles(field))

    def _at(self, key: str) -> str:
        return key if self.table is None else f"{self.table.key}[{self.number - 1}].{key}"

    def _titles(self, field: Field) -> Names:
        return titles(field, self.table, self.number)

    def _required(self, field: Field, found: Mapping[str, Any]) -> bool:
        if field.required or field.required_when is None:
            return field.required
        own = {**(self.outer or {}), **found}
        return holds(
            field.required_when, self.facts, {"": own, self.stage: found if self.outer is None else self.outer}
        )

    def _rows(self, field: Field, raw: Any, found: Mapping[str, Any]) -> "_Rows":
        """The rows that say something; one with nothing in it was only offered."""
        names = self._titles(field)
        if not isinstance(raw, list | tuple):
            raise TABLE(**names)
        if len(raw) > MOST_ROWS:
            raise TOO_MANY_ROWS(limit=MOST_ROWS, count=len(raw), **names)
        asked = {column.key: column for column in field.columns}
        result = _Rows([], [])
        for number, row in enumerate(raw, start=1):
            if not isinstance(row, Mapping):
                where = {"zh": f"{names['zh']} 第 {number} 行", "en": f"{names['en']}, row {number}"}
                result.problems.append(FieldProblem(f"{field.key}[{number - 1}]", ROW(**where)))
                continue
            if silent(field, row):
                continue
            clean, problems = _Form(self.stage, self.facts, field, number, found).read(asked, row)
            result.rows.append(clean)
            result.problems.extend(problems)
        size = sum(len(str(value)) for row in result.rows for value in row.values())
        if size > MOST_CHARACTERS:
            raise TOO_MUCH(limit=MOST_CHARACTERS, count=size, **names)
        return result

    def _computed(self, field: Field, found: Mapping[str, Any], fields: Mapping[str, Field]) -> int | str | None:
        if field.computed is None:
            return None
        with localcontext(_EXACT):
            total = Decimal(0)
            for sign, names in ((1, field.computed.plus), (-1, field.computed.minus)):
                for value in (one for name in names for one in _parts(name, found, fields)):
                    if value is None:
                        return None
                    total += sign * Decimal(str(value))
            within(field, total, self._titles(field))
            return int(total) if field.type is FieldType.INTEGER else f"{total:f}"


@dataclass(frozen=True)
class _Rows:
    rows: list[dict[str, Any]]
    problems: list[FieldProblem]


def _turn(field: Field) -> int:
    """What is asked comes before a table, and both before what is worked out from them, in the order of the form."""
    return 2 if field.computed is not None else 1 if field.type is FieldType.TABLE else 0


def _parts(name: str, found: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[Any]:
    """The answers behind one part of a sum; of `table.column` that of each row."""
    key, _, column = name.partition(".")
    if not column:
        yield found.get(key)
    elif key in fields:
        yield from (row.get(column) for row in found.get(key, ()))
