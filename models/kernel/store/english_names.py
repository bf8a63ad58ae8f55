"""Names that stand in what was frozen, in English: what is signed, audited or digested keeps the plant's own (21 CFR 11.70).

Only what a page shows beside the record is read so; the text behind a digest is never touched.  A refusal is frozen
nowhere: each half of it says the names of its own language, at every door.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from models.kernel.refusal import CATALOGUE, Refusal

READER = "reader"
"""What a session's `info` calls the language of who reads in it; Chinese needs no word."""
WORD = "[\u3400-\u9fff]"
LETTER = "[0-9A-Za-z]"
LISTED = re.compile("[;,、]\\s*")
"""Between the things that a sentence lists."""
LONGEST = 2_000
"""Characters of a fact in which names are looked for: what is longer was typed, not read in the record."""
_OF = "select name, coalesce(name_en, '') as name_en from {} where {}"
SIGNER = "coalesce((select said(w.name, w.name_en) from person w where w.id = s.person_id and w.name = s.printed_name), s.printed_name)"
"""Whose signature `s` is, as a reader reads it; who has another name by now is named as printed (21 CFR 11.50)."""
_WITHIN = "position(name in :whole) > 0"
_EXACT = "name = any(cast(:texts as text[]))"
NAMES = text(
    "select name, min(name_en) as english from ("  # noqa: S608 - our own words
    + " union all ".join(
        [
            *(_OF.format(table, _WITHIN) for table in ("person", "customer", "supplier")),
            *(_OF.format(table, _EXACT) for table in ("item", "location", "equipment")),
        ]
    )
    + ") named group by name having count(distinct name_en) = 1 and min(name_en) <> ''"
)
"""Of a name that two bear with different English ones nobody knows whose it is: it stays as it is written."""
OWN = text(
    "select name_en as english, min(name) as name from ("  # noqa: S608 - our own words
    + " union all ".join(
        _OF.format(table, "name_en = any(cast(:texts as text[]))")
        for table in ("person", "customer", "supplier", "item", "location", "equipment")
    )
    + ") named group by name_en having count(distinct name) = 1"
)
"""The plant's own names of what was read in English."""


def names(session: Session, texts: Iterable[str]) -> Mapping[str, str]:
    """Name → English name, of people and partners wherever they stand in the texts, of all else where it is a whole text.

    One statement; nothing for a Chinese reader.  The longest names come first.
    """
    return _english(session, texts) if session.info.get(READER) == "en" else {}


def _english(session: Session, texts: Iterable[str]) -> Mapping[str, str]:
    asked = sorted({one for one in texts if not one.isascii()})
    if not asked:
        return {}
    rows = session.connection().execute(NAMES, {"texts": asked, "whole": "\n".join(asked)}).all()
    return {row.name: row.english for row in sorted(rows, key=lambda row: (-len(row.name), row.name))}


def _own(session: Session, texts: Iterable[str]) -> Mapping[str, str]:
    rows = session.connection().execute(OWN, {"texts": sorted(set(texts))}).all()
    return {row.english: row.name for row in sorted(rows, key=lambda row: (-len(row.english), row.english))}


def saying(names: Mapping[str, str], within: str = WORD) -> Callable[[str], str]:
    """How a text is read with other names: a name inside a word, of letters like `within`, is no name."""
    if not names:
        return str
    found = re.compile(  # the longest first
        f"(?<!{within})(?:{'|'.join(re.escape(name) for name in names)})(?!{within})"
    )
    return lambda text: found.sub(lambda one: names[one[0]], text)


def retell(session: Session, refusal: Refusal) -> None:
    """Let the refusal's English say English names and its Chinese the plant's own, on its way out of the session.

    In whatever language its facts were read: they are told in both, an English name as `<fact>_en`.  What was looked for in
    vain stays as it was typed.
    """
    kind = CATALOGUE.get(refusal.code)
    if kind is None or refusal.status == 404 or not refusal.params:
        return
    facts = [fact for fact in refusal.params.values() if len(fact) <= LONGEST]
    parts = [part for fact in facts for part in (fact, *LISTED.split(fact))]
    try:
        own = _own(session, parts) if session.info.get(READER) == "en" else {}
        english = _english(session, parts)
    except DBAPIError:  # a wall has ended the transaction: nothing can be asked in it any more
        return
    zh, en = saying(own, LETTER), saying(english)
    here = {fact: zh(value) for fact, value in refusal.params.items()}
    there = {fact: en(value) for fact, value in refusal.params.items()}
    if here == there:
        return
    refusal.zh = refusal.zh.replace(kind.zh.format(**refusal.params), kind.zh.format(**here))
    refusal.en = refusal.en.replace(kind.en.format(**refusal.params), kind.en.format(**there))
    refusal.params = here | {f"{fact}_en": value for fact, value in there.items() if value != here[fact]}
