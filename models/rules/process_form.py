"""Checks the answers of a form field by field and brings them into the one shape that is stored.

Stored shapes are plain JSON and exact: whole numbers as numbers, decimals and quantities as the text that was entered
(a measured `1.50` is not `1.5`), days `2026-11-21`, months `2026-11`.  Requirement 8 needs both date precisions.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.rules.definition import Field, FieldType, Outcome, Stage, Text
from models.rules.refusals import Kind, Refusal
from models.rules.typed import plain, unseen

CLAUSE = "DESIGN 8; 21 CFR 11.10(f)"
FORM = Kind(
    "PRC-004",
    CLAUSE,
    "表单有 {count} 处需要更正: {problems_zh}",
    "{count} answer(s) of the form need correcting: {problems_en}",
    422,
)
REQUIRED = Kind("PRC-020", CLAUSE, "「{zh}」必须填写。", "“{en}” must be filled in.", 422)
NUMBER = Kind("PRC-021", CLAUSE, "「{zh}」要填数字, 例如 12.5。", "“{en}” must be a number such as 12.5.", 422)
WHOLE = Kind("PRC-022", CLAUSE, "「{zh}」要填整数。", "“{en}” must be a whole number.", 422)
TOO_SMALL = Kind("PRC-023", CLAUSE, "「{zh}」不能小于 {limit}。", "“{en}” must not be below {limit}.", 422)
TOO_LARGE = Kind("PRC-024", CLAUSE, "「{zh}」不能大于 {limit}。", "“{en}” must not be above {limit}.", 422)
YES_NO = Kind("PRC-025", CLAUSE, "「{zh}」要选是或否。", "“{en}” must be yes or no.", 422)
CHOICE = Kind("PRC-026", CLAUSE, "「{zh}」没有这个选项。", "“{en}” has no such choice.", 422)
DAY = Kind("PRC-027", CLAUSE, "「{zh}」要填日期, 例如 2026-11-21。", "“{en}” must be a day such as 2026-11-21.", 422)
MONTH = Kind("PRC-028", CLAUSE, "「{zh}」要填月份, 例如 2026-11。", "“{en}” must be a month such as 2026-11.", 422)
TOO_LONG = Kind("PRC-029", CLAUSE, "「{zh}」最多 {limit} 个字符。", "“{en}” takes at most {limit} characters.", 422)
CHARACTERS = Kind(
    "PRC-030",
    CLAUSE,
    "「{zh}」含有不能保存的控制字符。",
    "“{en}” contains control characters that can't be stored.",
    422,
)
UNKNOWN = Kind("PRC-031", CLAUSE, "表单没有「{name}」这一栏。", "The form has no field “{name}”.", 422)

REASON = "reason"
"""The reserved answer that carries the reason of an outcome; every stage with outcomes takes it."""
REASON_FIELD = Field(key=REASON, title=Text(zh="理由", en="Reason"), type=FieldType.LONG_TEXT, max_length=4000)

_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_WORDS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
_LENGTH = {FieldType.TEXT: 200, FieldType.LONG_TEXT: 10_000}


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one answer; the page shows it beside the field."""

    field: str
    refusal: Refusal


def read_form(
    stage: Stage, form: Mapping[str, Any], outcome: Outcome | None = None
) -> tuple[dict[str, Any], tuple[FieldProblem, ...]]:
    """The cleaned answers and everything that is wrong with the others."""
    fields = {field.key: field for field in stage.form}
    if stage.outcomes and REASON not in fields:
        fields[REASON] = REASON_FIELD
    if outcome is not None and outcome.reason_required and REASON in fields:
        fields[REASON] = fields[REASON].model_copy(update={"required": True})
    clean: dict[str, Any] = {}
    problems = [FieldProblem(name, UNKNOWN(name=str(name)[:60])) for name in form if name not in fields]
    for key, field in fields.items():
        try:
            value = _read(field, form.get(key))
        except Refusal as refusal:
            problems.append(FieldProblem(key, refusal))
        else:
            if value is not None:
                clean[key] = value
    return clean, tuple(problems)


def validate_form(stage: Stage, form: Mapping[str, Any], outcome: Outcome | None = None) -> dict[str, Any]:
    """The cleaned answers, or one refusal (PRC-004) that lists every field that is wrong."""
    clean, problems = read_form(stage, form, outcome)
    if problems:
        raise FORM(
            count=len(problems),
            fields=",".join(str(problem.field)[:60] for problem in problems),
            problems_zh="".join(problem.refusal.zh for problem in problems),
            problems_en=" ".join(problem.refusal.en for problem in problems),
        )
    return clean


def _read(field: Field, raw: Any) -> Any:
    names = {"zh": field.title.say("zh"), "en": field.title.say("en")}
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or (isinstance(raw, str) and unseen(raw)):
        if field.required:
            raise REQUIRED(**names)
        return None
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return _text(field, raw, names)
        case FieldType.INTEGER | FieldType.DECIMAL | FieldType.QUANTITY:
            return _number(field, raw, names)
        case FieldType.DATE:
            return _date(raw, _DAY, "", DAY(**names))
        case FieldType.MONTH:
            return _date(raw, _MONTH, "-01", MONTH(**names))
        case FieldType.BOOLEAN | FieldType.CHOICE:
            return _chosen(field, raw, names)
        case _:
            raise UNKNOWN(name=field.key)


def _chosen(field: Field, raw: Any, names: dict[str, str]) -> bool | str:
    if field.type is FieldType.BOOLEAN:
        value = raw if isinstance(raw, bool) else _WORDS.get(str(raw).lower())
        if value is None:
            raise YES_NO(**names)
        return value
    if not isinstance(raw, str) or raw not in {choice.key for choice in field.choices}:
        raise CHOICE(**names)
    return raw


def _text(field: Field, raw: Any, names: dict[str, str]) -> str:
    text = str(raw)
    kept = "\n\t" if field.type is FieldType.LONG_TEXT else ""
    text = text.replace("\r\n", "\n")
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in kept for char in text):
        raise CHARACTERS(**names)
    limit = field.max_length or _LENGTH[field.type]
    if len(text) > limit:
        raise TOO_LONG(limit=limit, **names)
    return text


def _number(field: Field, raw: Any, names: dict[str, str]) -> int | str:
    text = plain(str(raw)) if isinstance(raw, str | int | float | Decimal) else ""
    whole = field.type is FieldType.INTEGER
    if isinstance(raw, bool) or not _NUMBER.fullmatch(text):
        raise NUMBER(**names)
    if whole and not _WHOLE.fullmatch(text):
        raise WHOLE(**names)
    number = Decimal(text)
    minimum = field.minimum
    if field.type is FieldType.QUANTITY:
        minimum = max(Decimal(0), minimum or Decimal(0))  # there is no negative quantity of goods
    if minimum is not None and number < minimum:
        raise TOO_SMALL(limit=_limit(minimum, field), **names)
    if field.maximum is not None and number > field.maximum:
        raise TOO_LARGE(limit=_limit(field.maximum, field), **names)
    return int(text) if whole else text.removeprefix("+")


def _limit(limit: Decimal, field: Field) -> str:
    return f"{limit:f} {field.unit}" if field.unit else f"{limit:f}"


def _date(raw: Any, pattern: re.Pattern[str], rest: str, refusal: Refusal) -> str:
    text = plain(raw) if isinstance(raw, str) else ""
    if not pattern.fullmatch(text):
        raise refusal
    try:
        date.fromisoformat(text + rest)
    except ValueError:
        raise refusal from None
    return text
