"""Names that stand in what was frozen, in English: what is signed, audited or digested keeps the plant's own (21 CFR 11.70).

Only what a page shows beside the record is read so; the text behind a digest is never touched.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlmodel import Session

from models.store.act import READER

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


def names(session: Session, texts: Iterable[str]) -> Mapping[str, str]:
    """Name → English name, of people and partners wherever they stand in the texts, of all else where it is a whole text.

    One statement; nothing for a Chinese reader.  The longest names come first.
    """
    asked = sorted({one for one in texts if not one.isascii()})
    if session.info.get(READER) != "en" or not asked:
        return {}
    rows = session.connection().execute(NAMES, {"texts": asked, "whole": "\n".join(asked)}).all()
    return {row.name: row.english for row in sorted(rows, key=lambda row: (-len(row.name), row.name))}
