"""What an upgrade leaves to people, as a page: what it is, what to do, and where it is decided (REQUIREMENTS 121)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from models.plant.store.left_to_decide import LeftToDecide
from models.resolve.store.stored_labels import Stored
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Link
from ui.plant.page.plant import UndecidedList, UndecidedPage, UndecidedRow
from ui.recall.view.list import href


def undecided(words: Words, left: LeftToDecide, folding: Folding) -> UndecidedPage:
    """Five lists, in the order of the command; each row leads to where it is decided."""
    lists: tuple[tuple[str, Sequence[UndecidedRow]], ...] = (
        ("alike", [_alike(group) for group in left.alike]),
        ("places", [_place(code, name) for code, name in left.places]),
        ("recalls", [_recall(words, number, many) for number, many in left.recalls]),
        ("logins", [_login(words, one) for one in left.logins]),
        ("labels", [_label(words, one) for one in left.labels]),
    )
    return UndecidedPage(total=left.count, lists=tuple(_list(key, rows, folding) for key, rows in lists))


def _list(key: str, rows: Sequence[UndecidedRow], folding: Folding) -> UndecidedList:
    shown, cut = folding.cut(key, rows)
    return UndecidedList(key=key, total=len(rows), rows=tuple(shown), cut=cut)


def _alike(numbers: Sequence[str]) -> UndecidedRow:
    return UndecidedRow(links=tuple(Link(label=one, href=f"/search?{urlencode({'text': one})}") for one in numbers))


def _label(words: Words, one: Stored) -> UndecidedRow:
    says = words(
        "plant.undecided_label_says",
        says=one.says or "–",
        register=words(f"search.kind_{one.register}"),
    )
    note = says if one.label == one.number else words("list.comma").join((one.label, says))
    return UndecidedRow(links=(Link(label=one.number, href=f"/search?{urlencode({'text': one.number})}"),), note=note)


def _place(code: str, name: str) -> UndecidedRow:
    return UndecidedRow(links=(Link(label=code, href="/plant/kinds/new"),), note=name)


def _recall(words: Words, number: str, many: int) -> UndecidedRow:
    return UndecidedRow(links=(Link(label=number, href=href(number)),), note=words("plant.undecided_free", n=many))


def _login(words: Words, one: dict[str, Any]) -> UndecidedRow:
    by = words("plant.undecided_set_by", who=one["set_by"]) if one["set_by_another"] and one["set_by"] else ""
    return UndecidedRow(
        links=(Link(label=one["login"], href=f"/people/{quote(one['login'], safe='')}"),),
        note=words("list.comma").join(part for part in (one["name"], by) if part),
        at=one["set_at"] if by else None,
    )
