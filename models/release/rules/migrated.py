"""What an import brought: nobody here made, inspected or released it, so nothing here proves it (ISO 13485 4.2.5, 7.4.3).

An earlier system's word is an exception of its own class, one for each system however many batches it is about, and whoever
releases accepts it with a reason in the own name.  Where results came along, or it was inspected or signed here since, *that*
is what is said.  Serves REQUIREMENTS 15, 32; STANDARDS D 99, L 25.
"""

from collections import defaultdict
from collections.abc import Iterable

from models.kernel.text import Text
from models.kernel.time import moments
from models.release.rules.batch_record import BatchRecord, Migrated, Parent
from models.release.rules.matrix import Book, ExceptionItem, Factor, Mark, named

SYSTEMS = {"inventree": "InvenTree", "gudid": "GUDID"}
EARLIER = Text("旧系统", "an earlier system")


def concerns(record: BatchRecord, parent: Parent) -> bool:
    """Whether what is to be said of this parent is said here: it came from elsewhere and was not signed here since."""
    if parent.origin != "migrated":
        return False
    return not any(one.signed for one in record.migrated if one.lot_no == parent.lot_no)


def inspected_elsewhere(record: BatchRecord, inspection_no: str) -> bool:
    """Whether an inspection is one that an earlier system tells of."""
    return any(one.inspection_no == inspection_no and not one.inspected_here for one in record.migrated)


def judge(book: Book, record: BatchRecord) -> None:
    """Every batch from elsewhere in these goods: its own word, or the evidence that came with it."""
    own = {record.lot_no, *record.came_from}
    for one in record.migrated:
        if one.lot_no in own and not one.signed:
            _own(book, one, record.zone)
    groups: dict[str, list[Migrated]] = defaultdict(list)
    for one in _upstream(record, own):
        if one.inspection_no is not None and not one.accepted:
            _failed(book, one)
        elif not one.signed:
            groups[one.source].append(one)
    for source in sorted(groups):
        unproven = [one for one in groups[source] if one.inspection_no is None]
        if unproven:
            _unproven(book, source, unproven, record.zone)
        _proven(book, source, [one for one in groups[source] if one.inspection_no is not None], record.zone)


def _upstream(record: BatchRecord, own: set[str]) -> list[Migrated]:
    """What went in, however far up; records of before name only the direct parents and no system."""
    known = [one for one in record.migrated if one.lot_no not in own]
    told = {one.lot_no for one in record.migrated}
    return known + [
        Migrated(lot_no=one.lot_no, source="", brought_at=None)
        for one in record.parents
        if one.origin == "migrated" and one.lot_no not in told
    ]


def _own(book: Book, one: Migrated, zone: str) -> None:
    """The batch itself began elsewhere: what was done to it before isn't in this record."""
    zh, en = _system(one.source)
    when = _days([one], zone)
    book.fault(
        ExceptionItem(
            code="EV-LOT-9",
            factor=Factor.METHOD,
            stage="inspection",
            zh=f"{one.lot_no} 由 {zh} 迁入{_in(when, zh=True)}，此前的生产过程未在此检查",
            en=f"{one.lot_no} was migrated from {en}{_in(when, zh=False)}; what was done before was not checked here",
            about=one.lot_no,
            migrated=True,
            lots=(one.lot_no,),
        )
    )


def _unproven(book: Book, source: str, lots: list[Migrated], zone: str) -> None:
    numbers = tuple(sorted({one.lot_no for one in lots}))
    zh, en = _system(source)
    when = _days(lots, zone)
    book.fault(
        ExceptionItem(
            code="EV-MATERIAL-13",
            factor=Factor.MATERIAL,
            stage="incoming",
            zh=f"{named(numbers, zh=True)} 由 {zh} 迁入{_in(when, zh=True)}，没有检验证据，未在此检查",
            en=f"{named(numbers, zh=False)} migrated from {en}{_in(when, zh=False)} without evidence of an inspection; not checked here",
            value=str(len(numbers)),
            about=source,
            migrated=True,
            lots=numbers,
        )
    )


def _failed(book: Book, one: Migrated) -> None:
    """Its last inspection failed, and yet it went in."""
    zh, en = Text("本系统", "here") if one.inspected_here else _system(one.source)
    book.fault(
        ExceptionItem(
            code="EV-MATERIAL-15",
            factor=Factor.MATERIAL,
            stage="incoming",
            zh=f"迁入批 {one.lot_no} 最后一次检验 {one.inspection_no}（{zh}）不合格",
            en=f"the last inspection {one.inspection_no} ({en}) of migrated batch {one.lot_no} failed",
            about=one.lot_no,
            lots=(one.lot_no,),
        )
    )


def _proven(book: Book, source: str, lots: list[Migrated], zone: str) -> None:
    """The inspections that stand for the batches: brought along with their results, or made here since."""
    system_zh, system_en = _system(source)
    for one in lots:
        day = f"，{moments.day(one.inspected_at, zone)}" if one.inspected_at is not None else ""
        where_zh, where_en = Text("在此", "here") if one.inspected_here else Text(f"在 {system_zh}", f"in {system_en}")
        zh = f"{one.lot_no} 由 {system_zh} 迁入，{where_zh}检验合格（{one.inspection_no}{day}）"
        en = f"{one.lot_no} migrated from {system_en}; inspected {where_en} and accepted ({one.inspection_no}{day.replace('，', ', ')})"
        book.say(Factor.MATERIAL, "incoming", Mark.PASSED, zh, en)


def _system(source: str) -> Text:
    name = SYSTEMS.get(source, source)
    return Text(name, name) if name else EARLIER


def _days(lots: Iterable[Migrated], zone: str) -> tuple[str, ...]:
    """The first and the last day of the imports, once where they are the same."""
    days = sorted({moments.day(one.brought_at, zone) for one in lots if one.brought_at is not None})
    return tuple(dict.fromkeys((days[0], days[-1]))) if days else ()


def _in(days: tuple[str, ...], *, zh: bool) -> str:
    if not days:
        return ""
    said = "…".join(days)
    return f"（{said} 导入）" if zh else f" (imported {said})"
