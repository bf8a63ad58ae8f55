"""What is wrong with each field of a request, in words a person understands, in both languages."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from models.kernel.text import Text

SENTENCES: dict[str, Text] = {
    "missing": Text("必须填写。", "This is needed."),
    "extra_forbidden": Text("没有这个字段。", "There is no such field."),
    "string_type": Text("要填文字。", "This must be text."),
    "string_too_short": Text("至少 {min_length} 个字符。", "At least {min_length} character(s)."),
    "string_too_long": Text("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_pattern_mismatch": Text("格式不正确，应为 {pattern}。", "This doesn't have the form {pattern}."),
    "too_short": Text("至少 {min_length} 项。", "At least {min_length} of them."),
    "too_long": Text("最多 {max_length} 项。", "At most {max_length} of them."),
    "greater_than": Text("必须大于 {gt}。", "This must be more than {gt}."),
    "greater_than_equal": Text("不能小于 {ge}。", "This must not be below {ge}."),
    "less_than": Text("必须小于 {lt}。", "This must be less than {lt}."),
    "less_than_equal": Text("不能大于 {le}。", "This must not be above {le}."),
    "decimal_max_digits": Text("数字位数过多。", "This number has too many digits."),
    "decimal_max_places": Text("最多 {decimal_places} 位小数。", "At most {decimal_places} decimal places."),
    "decimal_whole_digits": Text("数字位数过多。", "This number has too many digits."),
    "finite_number": Text("要填有限的数。", "This must be a finite number."),
    "enum": Text("只能是 {expected}。", "This must be one of {expected}."),
    "literal_error": Text("只能是 {expected}。", "This must be one of {expected}."),
    "timezone_aware": Text("时间要带时区。", "A time needs its zone."),
}
NUMBER = Text("要填数字。", "This must be a number.")
DATE = Text("要填日期，例如 2026-11-21。", "This must be a date such as 2026-11-21.")
MOMENT = Text(
    "要填带时区的时间，例如 2026-11-21T14:05:00+08:00。",
    "This must be a time such as 2026-11-21T14:05:00+08:00.",
)
OTHER = Text("格式不正确。", "This doesn't have the right form.")
FAMILIES = (
    ("int", NUMBER), ("float", NUMBER), ("decimal", NUMBER), ("datetime", MOMENT), ("date", DATE),
    ("bool", Text("要填是或否。", "This must be true or false.")),
    ("uuid", Text("这不是有效的标识。", "This is not a valid id.")),
    ("model", Text("要填一个对象。", "This must be an object.")),
    ("dict", Text("要填一个对象。", "This must be an object.")),
    ("list", Text("要填一个列表。", "This must be a list.")),
    ("tuple", Text("要填一个列表。", "This must be a list.")),
)  # fmt: skip


class FieldProblem(BaseModel):
    """One field and what is wrong with it; what was typed is not said back, it may be a secret."""

    field: str = Field(examples=["lines.0.quantity"])
    where: str = Field(examples=["body"], description="body, query, path, header or cookie")
    kind: str = Field(examples=["greater_than"])
    zh: str
    en: str


TOLD = 100
"""Findings that are told with a sentence each: nobody reads more, and an answer must not outgrow its request."""


def field_problems(errors: Sequence[Any]) -> list[FieldProblem]:
    """The first of pydantic's findings as sentences."""
    return [_problem(error) for error in errors[:TOLD]]


def _problem(error: dict[str, Any]) -> FieldProblem:
    where, *path = [str(part) for part in error["loc"]] or ["body"]
    kind = str(error["type"])
    zh, en = _sentence(kind, error.get("ctx") or {})
    return FieldProblem(field=".".join(path) or where, where=where, kind=kind, zh=zh, en=en)


def _sentence(kind: str, facts: dict[str, Any]) -> Text:
    found = SENTENCES.get(kind)
    if found is None:
        return next((words for family, words in FAMILIES if kind.startswith(family)), OTHER)
    try:
        return found.filled(**facts)
    except KeyError:
        return OTHER
