"""One answer of a form in the one shape that is stored, or what is wrong with it (REQ 8, 58; DESIGN 8).

Stored shapes are plain JSON and exact: whole numbers as numbers, decimals and quantities as the text that was entered (a
measured `1.50` is not `1.5`), days `2026-11-21`, months `2026-11`, an instant with its offset, kept in UTC
(`2026-11-21T06:05:00.000000Z`), a person as their public id (a login is accepted, and found by the act), a reference as the
number of its subject, an attachment as the SHA-256 digests of the stored files.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.definition.document import Field, FieldType
from models.kernel.refusal import Kind, Refusal
from models.kernel.time import moments
from models.kernel.typed import plain, unseen

CLAUSE = "DESIGN 8; 21 CFR 11.10(f)"
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
INSTANT = Kind(
    "PRC-050",
    CLAUSE,
    "「{zh}」要填日期和时间, 并带时区, 例如 2026-11-21T14:05+08:00。",
    "“{en}” must be a day and a time with their offset, such as 2026-11-21T14:05+08:00.",
    422,
)
NAMED = Kind("PRC-051", CLAUSE, "「{zh}」要填一个用户名。", "“{en}” must be the user name of one person.", 422)
NUMBERED = Kind("PRC-052", CLAUSE, "「{zh}」要填一个编号。", "“{en}” must be one number, as it is printed.", 422)
FILES = Kind(
    "PRC-053",
    CLAUSE,
    "「{zh}」要填已存附件的 SHA-256 摘要, 最多 {limit} 个。",
    "“{en}” must be the SHA-256 digests of stored files, at most {limit} of them.",
    422,
)

NUMERIC = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.QUANTITY})
LARGEST_WHOLE = 10**15 - 1
"""The largest whole number of an answer: every reader of JSON keeps it exactly."""
MOST_FILES = 20
_NAME = 200
"""Characters of a user name or a number; what the record has is shorter."""
_EARLIEST = 1900
_LENGTH = {FieldType.TEXT: 200, FieldType.LONG_TEXT: 10_000}
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?) ?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WORDS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}

Names = dict[str, str]
"""What a field is called, in `zh` and `en`."""


def empty(raw: Any) -> bool:
    """Whether nothing was answered: nothing at all, only marks that nobody sees, or an empty list."""
    return raw is None or (isinstance(raw, str) and unseen(raw)) or (isinstance(raw, list | tuple) and not raw)


def answer(field: Field, raw: Any, names: Names) -> Any:
    """The stored shape of one answer that is there; a table is read by `process_form`."""
    if isinstance(raw, str):
        raw = raw.strip()
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT:
            return _text(field, raw, names)
        case FieldType.INTEGER | FieldType.DECIMAL | FieldType.QUANTITY:
            return _number(field, raw, names)
        case FieldType.BOOLEAN | FieldType.CHOICE:
            return _chosen(field, raw, names)
        case FieldType.PERSON | FieldType.REFERENCE:
            return _name(field, raw, names)
        case FieldType.ATTACHMENT:
            return _files(raw, FILES(limit=MOST_FILES, **names))
        case _:
            return _time(field, raw, names)


def _time(field: Field, raw: Any, names: Names) -> str:
    match field.type:
        case FieldType.INSTANT:
            return _instant(raw, INSTANT(**names))
        case FieldType.MONTH:
            return _date(raw, _MONTH, "-01", MONTH(**names))
        case _:
            return _date(raw, _DAY, "", DAY(**names))


def _chosen(field: Field, raw: Any, names: Names) -> bool | str:
    if field.type is FieldType.BOOLEAN:
        value = raw if isinstance(raw, bool) else _WORDS.get(str(raw).lower())
        if value is None:
            raise YES_NO(**names)
        return value
    if not isinstance(raw, str) or raw not in {choice.key for choice in field.choices}:
        raise CHOICE(**names)
    return raw


def _drawn(text: str, kept: str = "") -> bool:
    return not any(unicodedata.category(char) in {"Cc", "Cs"} and char not in kept for char in text)


def _text(field: Field, raw: Any, names: Names) -> str:
    text = str(raw).replace("\r\n", "\n")
    if not _drawn(text, "\n\t" if field.type is FieldType.LONG_TEXT else ""):
        raise CHARACTERS(**names)
    limit = field.max_length or _LENGTH[field.type]
    if len(text) > limit:
        raise TOO_LONG(limit=limit, **names)
    return text


def _name(field: Field, raw: Any, names: Names) -> str:
    """What names a person or a subject: one line.  Whom or what it names is asked of the record."""
    if not isinstance(raw, str) or len(raw) > _NAME or not _drawn(raw):
        raise (NAMED if field.type is FieldType.PERSON else NUMBERED)(**names)
    if field.type is FieldType.PERSON:
        try:
            return str(UUID(plain(raw)))
        except ValueError:
            return plain(raw)
    return raw


def _number(field: Field, raw: Any, names: Names) -> int | str:
    text = plain(str(raw)) if isinstance(raw, str | int | float | Decimal) else ""
    whole = field.type is FieldType.INTEGER
    if isinstance(raw, bool) or not _NUMBER.fullmatch(text):
        raise NUMBER(**names)
    if whole and not _WHOLE.fullmatch(text):
        raise WHOLE(**names)
    within(field, Decimal(text), names)
    return int(text) if whole else text.removeprefix("+")


def within(field: Field, number: Decimal, names: Names) -> None:
    """Refuse a number outside the limits of its field."""
    minimum, maximum = field.minimum, field.maximum
    if field.type is FieldType.QUANTITY:
        minimum = max(Decimal(0), minimum or Decimal(0))  # there is no negative quantity of goods
    if field.type is FieldType.INTEGER and maximum is None and abs(number) > LARGEST_WHOLE:
        maximum = Decimal(LARGEST_WHOLE)
    if minimum is not None and number < minimum:
        raise TOO_SMALL(limit=_limit(minimum, field), **names)
    if maximum is not None and number > maximum:
        raise TOO_LARGE(limit=_limit(maximum, field), **names)


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


def _instant(raw: Any, refusal: Refusal) -> str:
    """A moment without its offset is none: nobody guesses whose clock it was read from."""
    match = _INSTANT.fullmatch(plain(raw)) if isinstance(raw, str) else None
    if match is None:
        raise refusal
    day, clock, offset = match.groups()
    try:
        at = moments.local(datetime.fromisoformat(f"{day}T{clock}{offset.upper()}"), "UTC")
    except ValueError:
        raise refusal from None
    if at.year < _EARLIEST:
        raise refusal
    return moments.wire(at)


def _files(raw: Any, refusal: Refusal) -> list[str]:
    given = [raw] if isinstance(raw, str) else raw
    if not isinstance(given, list | tuple) or len(given) > MOST_FILES:
        raise refusal
    digests = [one.strip().lower() if isinstance(one, str) else "" for one in given]
    if not all(_DIGEST.fullmatch(one) for one in digests):
        raise refusal
    return list(dict.fromkeys(digests))
