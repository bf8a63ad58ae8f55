"""Writes docs/reference/fields.md: what each column of the record means, as `fields.yaml` in the room of its noun says it.

    lot:
      expires_on: [有效期, Expires, 此日之后不得使用。, "After this day it is not used any more.", {time: plant day}]

Table and column; name and meaning in Chinese and in English; then, where it has one, the unit of a number and the kind of a
time.  What a name means in every table stands once, in the kernel's room under `every`; a table that means it otherwise says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlmodel import SQLModel

from models import metadata
from models.kernel.text import Text
from models.nouns import NOUNS

ROOMS = Path(__file__).resolve().parents[2] / "models"
KERNEL, EVERY = "kernel", "every"
Moment = Literal["instant", "plant day", "month", "duration"]
"""An instant is the same all over the world and kept in UTC; a plant day is one of the calendar on the plant's wall."""


class Measure(BaseModel):
    """What a number counts in (a column that names the unit stands in backquotes), and what kind of time it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str | None = None
    time: Moment | None = None


@dataclass(frozen=True)
class Meaning:
    """A column in the words of people."""

    name: Text
    meaning: Text
    measure: Measure


Line = tuple[str, str, str, str] | tuple[str, str, str, str, Measure]
_FILE = TypeAdapter(dict[str, dict[str, Line]])


@cache
def room(noun: str) -> dict[str, dict[str, Meaning]]:
    """The columns by table that the noun's room tells; none where it has no `fields.yaml`."""
    path = ROOMS / noun / "fields.yaml"
    if not path.exists():
        return {}
    told = _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    return {table: {column: _meaning(line) for column, line in lines.items()} for table, lines in told.items()}


def _meaning(line: Line) -> Meaning:
    zh, en, meant_zh, meant_en = line[:4]
    return Meaning(Text(zh, en), Text(meant_zh, meant_en), line[4] if len(line) > 4 else Measure())


def every() -> dict[str, Meaning]:
    """What a name means wherever no table says otherwise."""
    return room(KERNEL).get(EVERY, {})


def of(noun: str, table: str, column: str) -> Meaning | None:
    """What a column means."""
    return room(noun).get(table, {}).get(column) or every().get(column)


@cache
def tables() -> dict[str, dict[str, Any]]:
    """The tables of each noun that has some, in the order of nouns."""
    metadata.load()
    owned: dict[str, dict[str, Any]] = {noun: {} for noun in NOUNS}
    for mapper in sorted(SQLModel._sa_registry.mappers, key=lambda one: str(one.local_table)):  # noqa: SLF001 - it has no other list
        owned[mapper.class_.__module__.split(".")[1]][str(mapper.local_table)] = mapper.local_table
    return {noun: mine for noun, mine in owned.items() if mine}


def fields() -> str:
    """The page: a section per noun that tells its columns, a table per table."""
    parts = [
        "# Fields 字段",
        (
            "What each column means to people, with the unit of a number and the kind of a time. Written beside the tables, in"
            " `models/<noun>/fields.yaml`; nouns that aren't here yet are in the list of `tests/house/docs/test_fields.py`."
            " 每一列对人来说是什么意思，数值用什么单位，时间是哪一种。"
        ),
        (
            "*Instant* 时刻: the same all over the world, kept in UTC and shown in the zone of the plant. *Plant day* 工厂日期: a day"
            " of the calendar on the plant's wall. *Duration* 时长: how long. A unit in `code` is the column that names it."
        ),
        f"## Every table 各表共有\n\n{_table(every())}",
    ]
    for noun, mine in tables().items():
        if told := room(noun).keys() & mine.keys():
            parts.append(f"## {noun}")
            parts += [f"### `{table}`\n\n{_table(room(noun)[table])}" for table in mine if table in told]
    return "\n\n".join(parts)


def _table(meant: dict[str, Meaning]) -> str:
    return "\n".join(["| column | 名称 | name | 含义 | meaning | unit, time |", "| --- " * 6 + "|", *_rows(meant)])


def _rows(meant: dict[str, Meaning]) -> Iterator[str]:
    for column, one in meant.items():
        kind = ", ".join(part for part in (one.measure.unit, one.measure.time) if part)
        cells = (f"`{column}`", one.name.zh, one.name.en, one.meaning.zh, one.meaning.en, kind)
        yield "| " + " | ".join(cells) + " |"
