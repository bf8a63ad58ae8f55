"""Holds a notice's lot list against the register in one statement, however long the list and wide its ranges.

A range is a comparison of search keys of the same length (order of text is order of number under the C collation), so a
range over millions of codes costs what it finds.  When the list names items that we know, only their lots are meant;
what fits by number but belongs to another item, or to another register, is counted apart.  Serves STANDARDS C 72.
"""

# ruff: noqa: S608 - statements are put together from our own words; every value is a parameter

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identity import identity_key
from models.notice.rules.lot_list.reader import All, LotList, Range, Single
from models.resolve.rules import Wanted
from models.resolve.store.stored_labels import says

SAMPLE = 20
Status = Literal["found", "unknown", "other_item", "other_register"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the list: how many lots it means, the first of them, and what else bears such a number."""

    label: str
    kind: Literal["lot", "serial", "all"]
    items: tuple[str, ...]
    status: Status
    lots: int
    serials: int
    other_item: int
    other_register: int
    sample: tuple[str, ...]
    near: tuple[str, ...] = ()  # lots among them whose number is only like it: somebody has to decide


@dataclass(frozen=True, slots=True)
class ResolvedList:
    """The list and what the register knows of it; `lots` counts each lot once."""

    parsed: LotList
    entries: tuple[Entry, ...]
    lots: int
    unknown: tuple[str, ...]
    unknown_items: tuple[str, ...]

    @property
    def near(self) -> tuple[str, ...]:
        """Entries that lots of ours only nearly bear: `1-23 ≈ 12-3`."""
        return tuple(f"{entry.label} ≈ {number}" for entry in self.entries for number in entry.near)

    @property
    def undecided(self) -> int:
        """On how many things somebody has to decide, besides the questions of the notice itself."""
        return len(self.unknown) + len(self.unknown_items) + len(self.near)

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            **self.parsed.as_dict(),
            "entries": [asdict(entry) for entry in self.entries],
            "lots": self.lots,
            "unknown": list(self.unknown),
            "unknown_items": list(self.unknown_items),
            "near": list(self.near),
        }


# A number is the entry's when it folds alike, its digits at most left open; else it is only near.
_SAME = "identity_key({0}) between e.first and e.last and length(identity_key({0})) = length(e.first)"
# What stands under a whole label is near, whatever the label says: of a single number by its index, of a range one by one.
_LABELS = "\n".join(
    f"""  union
  select e.place, e.kind, {lot}, {unit}, false from entry e join {table} on {says(column, "array[e.low]")}
   where e.kind <> 'all' and e.low = e.high"""
    for table, column, lot, unit in (
        ("lot l", "l.lot_no", "l.id", "null::bigint"),
        ("lot l", "l.supplier_lot_no", "l.id", "null::bigint"),
        ("serial_unit u", "u.serial_no", "u.lot_id", "u.id"),
    )
)
_LABELS += """
  union
  select e.place, e.kind, x.lot_id, x.unit_id, false from entry e
    join (select lot_id, case register when 'serial_unit' then id end as unit_id, unnest(label_keys(label)) as key
            from stored_labels() where lot_id is not null) x
      on x.key between e.low and e.high and length(x.key) = length(e.low)
     and substr(x.key, e.head + 1) ~ ('^[0-9]*' || e.tail || '$')
   where e.kind <> 'all' and e.low < e.high"""
# Every entry is two bounds; of a single number both are its key, of “all” there are none.
_HITS = """
with entry as (
  select * from unnest(cast(:places as int[]), cast(:kinds as text[]), cast(:lows as text[]), cast(:highs as text[]),
                       cast(:heads as int[]), cast(:tails as text[]), cast(:firsts as text[]), cast(:lasts as text[]))
                as e (place, kind, low, high, head, tail, first, last)
), named as (
  select * from unnest(cast(:item_places as int[]), cast(:item_names as text[]), cast(:item_forms as text[]))
                as n (place, name, form)
), item_of as (
  select n.place, n.name, i.id as item_id from named n join item i on i.item_no = n.form or i.catalogue_no = n.form
  union
  select n.place, n.name, c.item_id from named n join item_identifier c on c.code = n.form
), number as (
  select e.place, 'lot' as register, l.id as lot_id, null::bigint as unit_id, {lot_same} as same from entry e
    join lot l on l.lot_key between e.low and e.high and length(l.lot_key) = length(e.low)
     and substr(l.lot_key, e.head + 1) ~ ('^[0-9]*' || e.tail || '$')
   where e.kind <> 'all'
  union
  select e.place, 'lot', l.id, null, {supplier_same} from entry e
    join lot l on l.supplier_lot_key between e.low and e.high and length(l.supplier_lot_key) = length(e.low)
     and substr(l.supplier_lot_key, e.head + 1) ~ ('^[0-9]*' || e.tail || '$')
   where e.kind <> 'all'
  union
  select e.place, 'serial', u.lot_id, u.id, {serial_same} from entry e
    join serial_unit u on u.serial_key between e.low and e.high and length(u.serial_key) = length(e.low)
     and substr(u.serial_key, e.head + 1) ~ ('^[0-9]*' || e.tail || '$')
   where e.kind <> 'all'
{labels}
  union
  select e.place, 'all', l.id, null, true from entry e join item_of o on o.place = e.place
    join lot l on l.item_id = o.item_id
   where e.kind = 'all'
), hit as (
  select n.place, n.register, n.lot_id, n.unit_id, n.register = e.kind as own,
         bool_or(n.same) over (partition by n.place, n.lot_id) as same, l.lot_no,
         not exists (select from item_of o where o.place = n.place)
         or exists (select from item_of o where o.place = n.place and o.item_id = l.item_id) as of_item
    from number n join entry e on e.place = n.place join lot l on l.id = n.lot_id
)""".format(
    lot_same=_SAME.format("l.lot_no"),
    supplier_same=_SAME.format("l.supplier_lot_no"),
    serial_same=_SAME.format("u.serial_no"),
    labels=_LABELS,
)
_ENTRIES = text(f"""{_HITS}
select e.place,
       count(distinct h.lot_id) filter (where h.own and h.of_item) as lots,
       count(distinct h.unit_id) filter (where h.own and h.of_item) as serials,
       count(distinct h.lot_id) filter (where h.own and not h.of_item) as other_item,
       count(distinct h.lot_id) filter (where not h.own) as other_register,
       (array_agg(distinct h.lot_no) filter (where h.own and h.of_item))[1:{SAMPLE}] as sample,
       (array_agg(distinct h.lot_no) filter (where h.own and h.of_item and not h.same))[1:{SAMPLE}] as near,
       (select count(distinct lot_id) from hit where own and of_item) as total,
       (select array_agg(distinct n.name) from named n where not exists (select from item_of o where o.name = n.name))
         as unknown_items
  from entry e left join hit h on h.place = e.place group by e.place order by e.place
""")
_LOTS = text(f"{_HITS} select distinct lot_id from hit where own and of_item order by lot_id")


def resolve(session: Session, parsed: LotList) -> ResolvedList:
    """What the register knows of each entry; one statement."""
    said = _said(parsed)
    found = list(session.connection().execute(_ENTRIES, _parameters(said)))
    entries = tuple(_entry(each, row) for each, row in zip(said, found, strict=True))
    return ResolvedList(
        parsed,
        entries,
        found[0].total if found else 0,
        tuple(entry.label for entry in entries if entry.status == "unknown"),
        tuple(found[0].unknown_items or ()) if found else (),
    )


def lots(session: Session, parsed: LotList) -> frozenset[int]:
    """The keys of all lots that the list means, without limit."""
    return frozenset(session.connection().execute(_LOTS, _parameters(_said(parsed))).scalars())


def _said(parsed: LotList) -> tuple[Single | Range | All, ...]:
    return (*parsed.singles, *parsed.ranges, *parsed.alls)


def _parameters(said: tuple[Single | Range | All, ...]) -> dict[str, list[Any]]:
    kinds, lows, highs, heads, tails = list[str](), list[str](), list[str](), list[int](), list[str]()
    firsts, lasts = list[str](), list[str]()
    places, names, forms = list[int](), list[str](), list[str]()
    for place, entry in enumerate(said):
        low, high, head, tail = "", "", 0, ""
        first, last = "", ""
        if isinstance(entry, Range):
            (low, high), head, tail = entry.keys, len(entry.prefix), entry.suffix
            first, last = identity_key(entry.first), identity_key(entry.last)
        elif isinstance(entry, Single):
            low = high = entry.key
            head, first = len(low), identity_key(entry.number)
            last = first
        kinds.append("all" if isinstance(entry, All) else entry.kind)
        lows.append(low)
        highs.append(high)
        heads.append(head)
        tails.append(tail)
        firsts.append(first)
        lasts.append(last)
        for item in entry.items:
            for form in Wanted.of(item, *_gtins(item)).forms:
                places.append(place)
                names.append(item)
                forms.append(form)
    return {
        "places": list(range(len(said))),
        "kinds": kinds,
        "lows": lows,
        "highs": highs,
        "heads": heads,
        "tails": tails,
        "firsts": firsts,
        "lasts": lasts,
        "item_places": places,
        "item_names": names,
        "item_forms": forms,
    }


def _gtins(item: str) -> tuple[str, ...]:
    """A GTIN may be stored with or without leading zeros."""
    return (item.lstrip("0"), item.zfill(14)) if item.isdigit() and len(item) in {12, 13, 14} else ()


def _entry(said: Single | Range | All, row: Any) -> Entry:
    status: Status = "unknown"
    if row.lots:
        status = "found"
    elif row.other_item:
        status = "other_item"
    elif row.other_register:
        status = "other_register"
    return Entry(
        label=said.text if isinstance(said, All) else said.label,
        kind="all" if isinstance(said, All) else said.kind,
        items=said.items,
        status=status,
        lots=row.lots,
        serials=row.serials,
        other_item=row.other_item,
        other_register=row.other_register,
        sample=tuple(row.sample or ()),
        near=tuple(row.near or ()),
    )
