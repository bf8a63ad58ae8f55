"""What of a noun can change under change control: each noun declares its own, and the change needs no word of it (STANDARDS X 53).

A noun that joins hands in a `Changeable` and keeps a function `affected_by_<kind>(target text, among bigint[])` in the database, which answers
the batches that the thing of that number touches, of those named where some are.  Page, act and walls ask that one function.
"""

from dataclasses import dataclass

from models.kernel.text import Text


@dataclass(frozen=True)
class Changeable:
    """One kind of thing that can change.

    `find` answers in SQL the number that `:number` means, with its title in both languages: at most one row of number, title, title_en.
    `ran` answers in SQL, of everything on record, number, version and lot_id: under which version of which thing a batch ran ('' where the thing
    has no versions); empty where the record doesn't know.
    """

    kind: str
    title: Text
    find: str
    ran: str = ""


def named(kind: str, title: Text, table: str, number: str, ran: str = "") -> Changeable:
    """Of things whose table has their number and names."""
    find = f"select {number} as number, name as title, name_en as title_en from {table} where {number} = :number"  # noqa: S608 - our own words
    return Changeable(kind, title, find, ran)
