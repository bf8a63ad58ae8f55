"""What columns mean stands in `fields.yaml` of each noun's room: all of them and no others, in words that pages use too."""

import re
from collections.abc import Iterator

import pytest
import yaml
from sqlalchemy import Date, DateTime, Float, Integer, Numeric

from models.migrations import rights
from models.nouns import NOUNS
from runtime.reference import fields as reference_fields
from runtime.reference.fields import EVERY, Meaning
from runtime.reference.glossary import TERMS
from ui.audit.columns import name_of
from ui.audit.view import INNER
from ui.frame.i18n import Words, catalogue

TABLES = reference_fields.tables()
TOLD = sorted(TABLES)
CHINESE = re.compile("[\u3400-\u9fff]")
FILLER = re.compile(r"(?i)^(?:the )?(?P<name>[\w ]+?)(?: of (?:the|a|an) [\w ]+)?\.?$")
"""A meaning that says the name again, with or without what it is the name of."""


def meant(noun: str) -> Iterator[tuple[str, str, Meaning]]:
    """What the room of the noun says itself."""
    for table, columns in reference_fields.room(noun).items():
        for column, one in columns.items():
            yield table, column, one


@pytest.mark.parametrize("noun", TOLD)
def test_each_column_has_its_words(noun: str) -> None:
    missing = [
        f"{table}.{column.name}"
        for table, made in TABLES[noun].items()
        for column in made.columns
        if reference_fields.of(noun, table, column.name) is None
    ]
    assert missing == []


@pytest.mark.parametrize("noun", NOUNS)
def test_nothing_has_words_but_columns(noun: str) -> None:
    mine = TABLES.get(noun, {})
    assert [
        f"{table}.{column}"
        for table, column, _ in meant(noun)
        if table != EVERY and (table not in mine or column not in mine[table].columns)
    ] == []


def test_what_is_said_of_every_table_is_in_several() -> None:
    names = [column.name for mine in TABLES.values() for table in mine.values() for column in table.columns]
    assert [name for name in reference_fields.every() if names.count(name) < 3] == []


@pytest.mark.parametrize("noun", TOLD)
def test_words_are_in_both_languages_and_say_more_than_the_name(noun: str) -> None:
    wrong = []
    for table, column, one in meant(noun):
        repeated = FILLER.match(one.meaning.en)
        if (
            not (CHINESE.search(one.name.zh) and CHINESE.search(one.meaning.zh))
            or CHINESE.search(one.name.en + one.meaning.en)
            or not one.meaning.zh.endswith("。")
            or not one.meaning.en.endswith((".", "?"))
            or (repeated and repeated["name"].casefold() == one.name.en.casefold())
            or len(one.meaning.en.split()) < 3
            or len(one.meaning.zh) < 6
        ):
            wrong.append(f"{table}.{column}")
    assert wrong == []


@pytest.mark.parametrize("noun", TOLD)
def test_no_two_columns_of_a_table_have_one_name(noun: str) -> None:
    for table, made in TABLES[noun].items():
        said = [one for column in made.columns if (one := reference_fields.of(noun, table, column.name))]
        for names in ([one.name.zh for one in said], [one.name.en.casefold() for one in said]):
            assert sorted(names) == sorted(set(names)), table


@pytest.mark.parametrize("noun", TOLD)
def test_times_and_numbers_say_of_what_kind_they_are(noun: str) -> None:
    wrong = []
    for table, made in TABLES[noun].items():
        for column in made.columns:
            one = reference_fields.of(noun, table, column.name)
            assert one is not None
            time, unit = one.measure.time, one.measure.unit
            kind = column.type
            fits = {
                DateTime: time == "instant" and not unit,
                Date: time in {"plant day", "month"} and not unit,
                Numeric: unit is not None and time in {None, "duration"},
                Float: unit is not None and time in {None, "duration"},
            }
            asked = [right for sort, right in fits.items() if isinstance(kind, sort)]
            plain = time is None or (time == "duration" and unit is not None and isinstance(kind, Integer))
            if not all(asked) or (not asked and not plain):
                wrong.append(f"{table}.{column.name}: {time}, {unit}")
    assert wrong == []


@pytest.mark.parametrize("noun", TOLD)
def test_a_unit_that_is_a_column_is_one(noun: str) -> None:
    for table, column, one in meant(noun):
        for named in re.findall("`([a-z_.]+)`", one.measure.unit or ""):
            owner, _, name = named.rpartition(".")
            all_tables = {key: made for mine in TABLES.values() for key, made in mine.items()}
            assert name in all_tables[owner or table].columns, (table, column, named)


def _pairs() -> Iterator[tuple[str, str]]:
    """What pages and the glossary call things, Chinese and English."""
    for key, said in catalogue().items():
        if not key.startswith("unit.") and "{" not in said[0] + said[1]:
            yield said[0].strip(), said[1].strip().casefold()
    for en, zh, _ in yaml.safe_load(TERMS.read_text(encoding="utf-8")):
        yield zh, en.casefold()


def test_names_are_those_of_pages_and_glossary() -> None:
    """Where a page or the glossary has the Chinese name, it has this English one beside it; and the other way round."""
    english: dict[str, set[str]] = {}
    chinese: dict[str, set[str]] = {}
    for zh, en in _pairs():
        english.setdefault(zh, set()).add(en)
        chinese.setdefault(en, set()).add(zh)
    apart = [
        f"{table}.{column}: {one.name.zh} = {one.name.en}; elsewhere {sorted(english.get(one.name.zh, set()))} {sorted(chinese.get(one.name.en.casefold(), set()))}"
        for noun in TOLD
        for table, column, one in meant(noun)
        if one.name.en.casefold() not in english.get(one.name.zh, {one.name.en.casefold()})
        or one.name.zh not in chinese.get(one.name.en.casefold(), {one.name.zh})
    ]
    assert apart == []


def test_the_trail_calls_each_audited_table_and_column_by_words_of_people() -> None:
    audited = {name for kept in vars(rights).items() if kept[0].startswith("AUDITED") for name in kept[1]}
    mine = {name: made for tables in TABLES.values() for name, made in tables.items() if name in audited}
    assert mine
    assert sorted(name for name in audited if f"audit.table_{name}" not in catalogue()) == []
    raw = [
        f"{name}.{column.name} {language}"
        for name, made in mine.items()
        for column in made.columns
        for language in ("zh", "en")
        if column.name not in INNER
        and name_of(Words(language), name, column.name).lower() == column.name
        and "_" in column.name
    ]
    assert raw == []
