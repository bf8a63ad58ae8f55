"""Finds what a scan or typed text means, in a constant number of statements, however many registers there are.

One statement looks the text up in every register, one looks a UDI's lot and serial up within its device identifier, one
tries look-alikes when nothing else was found.  Columns with a generated search key are met by the key; document numbers
by their usual spellings and by what they fold to, so that every branch uses an index.  Serves requirement 19.
"""

# ruff: noqa: S608 - statements are put together from our own column names; every value is a parameter

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.identifier.rules import identifiers
from models.resolve import rules as resolve
from models.resolve.rules import Hit, HitKind, Match, Resolution, Wanted
from models.resolve.store import leads, stored_labels

LIVE = "c.unpacked_at is null"
LIVE_THEN = "c.packed_at <= :as_of and (c.unpacked_at is null or c.unpacked_at > :as_of)"
"""Of a packing `c`: what is in its unit, now or as it was known then."""
_TEXTS = "any(cast(:{} as text[]))"
_FORMS, _KEYS, _CODES = _TEXTS.format("forms"), _TEXTS.format("keys"), _TEXTS.format("codes")
_IDENTITIES = _TEXTS.format("identities")
_SAID = "cast(:said as text[])"


def _is(column: str) -> str:
    """Whether the column holds the number, in one of its usual spellings or in any that folds to it; each by its index."""
    return f"({column} = {_FORMS} or identity_key({column}) = {_IDENTITIES})"


# Each branch: kind, key, number, a second stored value that may be the text itself, name, detail.
_LOT = """
select 'lot', l.public_id::text, l.lot_no, null, i.name, i.item_no, i.name_en
  from lot l join item i on i.id = l.item_id where {where}"""
_SUPPLIER_LOT = """
select 'supplier_lot', (array_agg(l.public_id::text order by l.id))[1], (array_agg(l.supplier_lot_no order by l.id))[1],
       null, s.name, string_agg(l.lot_no, ', ' order by l.id), s.name_en
  from lot l left join supplier s on s.id = l.supplier_id where {where}
 group by l.supplier_id, s.name, s.name_en, identity_key(l.supplier_lot_no)"""
_SERIAL = """
select 'serial_unit', u.public_id::text, u.serial_no, null, i.name, l.lot_no, i.name_en
  from serial_unit u join lot l on l.id = u.lot_id join item i on i.id = u.item_id where {where}"""
_UNIT = """
select 'logistic_unit', u.public_id::text, u.unit_no, null, p.name, case u.kind when 'pallet' then '托盘 pallet' else '箱 case' end, p.name_en
  from logistic_unit u join location p on p.id = u.location_id where {where}"""
_ITEM = "select 'item', i.public_id::text, i.item_no, {second}, i.name, {second}, i.name_en from {source} where {where}"
_ITEM_OF_CODE = "item_identifier c join item i on i.id = c.item_id"
_SHIPMENTS = "shipment h join customer c on c.id = h.customer_id"

BY_TEXT: TextClause = text(
    "\nunion all\n".join(
        [
            _LOT.format(where=f"l.lot_no = {_FORMS} or l.lot_key = {_KEYS}"),
            _SUPPLIER_LOT.format(where=f"l.supplier_lot_key = {_KEYS}"),
            _SERIAL.format(where=f"u.serial_no = {_FORMS} or u.serial_key = {_KEYS}"),
            _UNIT.format(where=f"u.unit_no = {_FORMS} or u.unit_key = {_KEYS}"),
            stored_labels.branch(_LOT, "l.lot_no", _SAID),
            stored_labels.branch(_SUPPLIER_LOT, "l.supplier_lot_no", _SAID),
            stored_labels.branch(_SERIAL, "u.serial_no", _SAID),
            stored_labels.branch(_UNIT, "u.unit_no", _SAID),
            _ITEM.format(source="item i", second="null", where=_is("i.item_no")),
            _ITEM.format(source="item i", second="i.catalogue_no", where=_is("i.catalogue_no")),
            _ITEM.format(source=_ITEM_OF_CODE, second="c.code", where=f"c.code = {_CODES} or {_is('c.code')}"),
            _ITEM.format(
                source="supplier_item p join item i on i.id = p.item_id",
                second="p.supplier_item_no",
                where=_is("p.supplier_item_no"),
            ),
            (
                f"select 'shipment', h.public_id::text, h.shipment_no, null, c.name, h.order_no, c.name_en from {_SHIPMENTS}"
                f" where {_is('h.shipment_no')}"
            ),
            (
                "select 'order', h.order_no, h.order_no, null, string_agg(distinct c.name, ', '),"
                f" string_agg(h.shipment_no, ', ' order by h.id), string_agg(distinct coalesce(c.name_en, c.name), ', ') from {_SHIPMENTS} where {_is('h.order_no')}"
                " group by h.order_no"
            ),
            (
                "select 'tracking', h.tracking_no, h.tracking_no, null, string_agg(distinct c.name, ', '),"
                f" string_agg(h.shipment_no, ', ' order by h.id), string_agg(distinct coalesce(c.name_en, c.name), ', ') from {_SHIPMENTS} where {_is('h.tracking_no')}"
                " group by h.tracking_no"
            ),
            (
                "select 'work_order', w.public_id::text, w.work_order_no, null, i.name, l.lot_no, i.name_en from work_order w"
                f" join item i on i.id = w.item_id left join lot l on l.id = w.lot_id where {_is('w.work_order_no')}"
            ),
            (
                "select 'load', r.load_no, r.load_no, null, null, string_agg(distinct l.lot_no, ', '), null"
                f" from operation_run r join lot l on l.id = r.lot_id where {_is('r.load_no')} group by r.load_no"
            ),
            (
                f"select 'equipment', e.public_id::text, e.equipment_no, null, e.name, e.kind, e.name_en from equipment e"
                f" where {_is('e.equipment_no')}"
            ),
            (
                f"select 'customer', c.public_id::text, c.customer_no, case when c.name = {_FORMS} then c.name else c.name_en end, c.name, null, c.name_en from customer c"
                f" where {_is('c.customer_no')} or c.name = {_FORMS} or c.name_en = {_FORMS}"
            ),
            (
                f"select 'supplier', s.public_id::text, s.supplier_no, case when s.name = {_FORMS} then s.name else s.name_en end, s.name, null, s.name_en from supplier s"
                f" where {_is('s.supplier_no')} or s.name = {_FORMS} or s.name_en = {_FORMS}"
            ),
            f"select 'location', p.public_id::text, p.code, null, p.name, null, p.name_en from location p where {_is('p.code')}",
            (
                "select 'inspection', n.public_id::text, n.inspection_no, null, null, l.lot_no, null from inspection n"
                f" join lot l on l.id = n.lot_id where {_is('n.inspection_no')}"
            ),
            (
                "select 'nonconformance', n.public_id::text, n.nonconformance_no, null, n.title, l.lot_no, null"
                f" from nonconformance n left join lot l on l.id = n.lot_id where {_is('n.nonconformance_no')}"
            ),
        ]
    )
)

# The lot and the serial of a UDI; `inside` says whether they belong to its device identifier.
_INSIDE = "coalesce({}.item_id in (select item_id from di), false)"
BY_UDI = text(f"""
with di as (select distinct c.item_id from item_identifier c where c.code = {_CODES})
select 'item' as kind, i.public_id::text as key, i.item_no as number, i.name, null as detail, true as inside, null as lot,
       i.name_en
  from di join item i on i.id = di.item_id
union all
select 'lot', l.public_id::text, l.lot_no, i.name, i.item_no, {_INSIDE.format("l")}, l.supplier_lot_no, i.name_en
  from lot l join item i on i.id = l.item_id
 where l.lot_no = any(cast(:lots as text[])) or l.lot_key = any(cast(:lot_keys as text[]))
    or l.supplier_lot_key = any(cast(:lot_keys as text[]))
    or {stored_labels.says("l.lot_no", _SAID)} or {stored_labels.says("l.supplier_lot_no", _SAID)}
union all
select 'serial_unit', u.public_id::text, u.serial_no, i.name, l.lot_no, {_INSIDE.format("u")}, l.lot_no, i.name_en
  from serial_unit u join lot l on l.id = u.lot_id join item i on i.id = u.item_id
 where u.serial_no = any(cast(:serials as text[])) or u.serial_key = any(cast(:serial_keys as text[]))
    or {stored_labels.says("u.serial_no", _SAID)}
""")

LIKE = text(
    "\nunion all\n".join(
        [
            _LOT.format(where=f"l.lot_key = {_KEYS}"),
            _SUPPLIER_LOT.format(where=f"l.supplier_lot_key = {_KEYS}"),
            _SERIAL.format(where=f"u.serial_key = {_KEYS}"),
        ]
    )
)

_UUIDS = "any(cast(:{} as uuid[]))"
_SHIPPED = "shipment_line s join shipment h on h.id = s.shipment_id"
# Which lots a hit leads to: kind → (table alias and joins, condition on its keys, the lot's key).
_LOTS: dict[HitKind, str] = {
    HitKind.LOT: "select {key} l.public_id::text, l.id from lot l where l.public_id = {uuids}",
    HitKind.SUPPLIER_LOT: "select {key} one.public_id::text, l.id from lot one join lot l"
    " on l.supplier_lot_key = one.supplier_lot_key and l.supplier_id is not distinct from one.supplier_id"
    " and identity_key(l.supplier_lot_no) = identity_key(one.supplier_lot_no)"
    " where one.public_id = {uuids}",
    HitKind.SERIAL_UNIT: "select {key} u.public_id::text, u.lot_id from serial_unit u where u.public_id = {uuids}",
    HitKind.LOGISTIC_UNIT: "select {key} x.root, x.lot_id from (with recursive tree (root, id) as ("
    " select u.public_id::text, u.id from logistic_unit u where u.public_id = {uuids}"
    " union select t.root, c.child_id from tree t join packed_content c on c.unit_id = t.id"
    " where c.child_id is not null and {packed})"
    " select t.root, c.lot_id from tree t join packed_content c on c.unit_id = t.id"
    " where c.lot_id is not null and {packed}) x",
    HitKind.ITEM: "select {key} i.public_id::text, l.id from item i join lot l on l.item_id = i.id"
    " where i.public_id = {uuids}",
    HitKind.SHIPMENT: f"select {{key}} h.public_id::text, s.lot_id from {_SHIPPED} where h.public_id = {{uuids}}",
    HitKind.ORDER: f"select {{key}} h.order_no, s.lot_id from {_SHIPPED} where h.order_no = {{texts}}",
    HitKind.TRACKING: f"select {{key}} h.tracking_no, s.lot_id from {_SHIPPED} where h.tracking_no = {{texts}}",
    HitKind.WORK_ORDER: "select {key} w.public_id::text, x.lot_id from work_order w cross join lateral"
    " (select w.lot_id union select r.lot_id from operation_run r where r.work_order_id = w.id) x"
    " where w.public_id = {uuids} and x.lot_id is not null",
    HitKind.EQUIPMENT: "select {key} e.public_id::text, r.lot_id from equipment e"
    " join operation_equipment o on o.equipment_id = e.id join operation_run r on r.id = o.operation_run_id"
    " where e.public_id = {uuids}",
    HitKind.LOAD: "select {key} r.load_no, r.lot_id from operation_run r where r.load_no = {texts}",
    HitKind.CUSTOMER: f"select {{key}} c.public_id::text, s.lot_id from {_SHIPPED}"
    " join customer c on c.id = h.customer_id where c.public_id = {uuids}",
    HitKind.SUPPLIER: "select {key} s.public_id::text, l.id from supplier s join lot l on l.supplier_id = s.id"
    " where s.public_id = {uuids}",
    HitKind.LOCATION: "select {key} p.public_id::text, k.lot_id from location p join stock k on k.location_id = p.id"
    " where k.quantity > 0 and p.public_id = {uuids}",
    HitKind.INSPECTION: "select {key} n.public_id::text, n.lot_id from inspection n where n.public_id = {uuids}",
    HitKind.NONCONFORMANCE: "select {key} n.public_id::text, n.lot_id from nonconformance n"
    " where n.lot_id is not null and n.public_id = {uuids}",
}

# The hit behind a `kind:key` that an earlier answer named, by public id.
_BY_KEY: dict[HitKind, str] = {
    HitKind.LOT: _LOT.format(where="l.public_id = {id}"),
    HitKind.SUPPLIER_LOT: _SUPPLIER_LOT.format(
        where="l.supplier_lot_key = (select o.supplier_lot_key from lot o where o.public_id = {id})"
        " and identity_key(l.supplier_lot_no)"
        " = (select identity_key(o.supplier_lot_no) from lot o where o.public_id = {id})"
        " and l.supplier_id is not distinct from (select o.supplier_id from lot o where o.public_id = {id})"
    ),
    HitKind.SERIAL_UNIT: _SERIAL.format(where="u.public_id = {id}"),
    HitKind.LOGISTIC_UNIT: _UNIT.format(where="u.public_id = {id}"),
}
_NUMBERS: dict[HitKind, tuple[str, str]] = {  # columns of number and name
    HitKind.ITEM: ("item_no", "name"),
    HitKind.SHIPMENT: ("shipment_no", "order_no"),
    HitKind.WORK_ORDER: ("work_order_no", "null"),
    HitKind.EQUIPMENT: ("equipment_no", "name"),
    HitKind.CUSTOMER: ("customer_no", "name"),
    HitKind.SUPPLIER: ("supplier_no", "name"),
    HitKind.LOCATION: ("code", "name"),
    HitKind.INSPECTION: ("inspection_no", "null"),
    HitKind.NONCONFORMANCE: ("nonconformance_no", "title"),
}


_TOLD_BY_NUMBER = frozenset({HitKind.ORDER, HitKind.TRACKING, HitKind.LOAD})
"""What has no row of its own: a number that shipments or operations share."""


def find(session: Session, typed: str) -> Resolution:
    """Everything the text may mean; TRC-001 or TRC-002 when it means nothing, ID-001 … ID-003 when it can't."""
    found = look(session, typed)
    if not found.hits:
        raise resolve.unknown(found.text, found.scan)
    return found


def look(session: Session, typed: str) -> Resolution:
    """Everything the text may mean, perhaps nothing; at most three statements."""
    scan = identifiers.parse(typed)
    shown = identifiers.clean(typed)
    narrowed = resolve.read_reference(shown)
    if narrowed is not None:
        hits = _by_reference(session, *narrowed)
        if hits:
            return Resolution(shown, scan, hits)
    hits = resolve.ordered([*_by_udi(session, scan), *_by_text(session, Wanted.of(shown, scan.text), scan)])
    if not any(hit.match is not Match.GUESS for hit in hits):
        keys = resolve.look_alikes(identifiers.compact(identifiers.plain_dashes(scan.lot or scan.text)))
        hits = resolve.ordered([*hits, *(_guesses(session, keys) if keys else ())])
    return Resolution(shown, scan, hits)


def _by_text(session: Session, wanted: Wanted, scan: identifiers.Scan) -> list[Hit]:
    """Hits of the whole text in every register."""
    # a label of something else than goods: its order, shipment, consignment or asset
    others = [one.value for one in scan.elements if one.ai in {"254", "400", "401", "402", "8003", "8004"}]
    numbers = [*scan.di_candidates, *filter(None, [scan.sscc]), *others]
    # a UDI with a lot or serial says more than its item, which `_by_udi` finds
    codes = [] if scan.lot or scan.serial else numbers
    rows = session.connection().execute(
        BY_TEXT,
        {
            "forms": [*wanted.forms, *filter(None, [scan.sscc]), *others],
            "keys": list(wanted.keys),
            "codes": codes,
            "identities": list(wanted.identities),
            "said": [*wanted.keys, *filter(None, [scan.sscc])],
        },
    )
    exact = {*wanted.exact, *numbers}

    def match(*values: str | None) -> Match:
        return Match.EXACT if exact.intersection(values) else wanted.match(*values)

    return [
        Hit(HitKind(kind), key, number, match(number, second), name, detail, name_en)
        for kind, key, number, second, name, detail, name_en in rows
    ]


def _by_udi(session: Session, scan: identifiers.Scan) -> list[Hit]:
    """Hits of the parts of a UDI: its unit, else its lot, within its device identifier; else guesses."""
    if not (scan.lot or scan.serial):
        return []
    lot, serial = Wanted.of(scan.lot), Wanted.of(scan.serial)
    parameters = {
        "codes": list(scan.di_candidates),
        "lots": list(lot.forms),
        "lot_keys": list(lot.keys),
        "serials": list(serial.forms),
        "serial_keys": list(serial.keys),
        "said": [] if scan.kind == "text" else [*lot.keys, *serial.keys],  # the text alone is looked up everywhere
    }
    hits = []
    whole = scan.di is None
    for row in session.connection().execute(BY_UDI, parameters):
        if row.kind == HitKind.ITEM:
            match = Match.GUESS  # only a part of the scan
        elif not (row.inside or whole):
            match = Match.GUESS  # the lot is of another item than the scan says
        elif row.kind == HitKind.LOT:
            match = lot.match(row.number, row.lot)
        else:
            match = serial.match(row.number)
        hits.append(Hit(HitKind(row.kind), row.key, row.number, match, row.name, row.detail, row.name_en))
    return hits


def _guesses(session: Session, keys: Collection[str]) -> list[Hit]:
    """Lots, supplier lots and serials that an eye may have misread."""
    rows = session.connection().execute(LIKE, {"keys": list(keys)})
    return [
        Hit(HitKind(kind), key, number, Match.GUESS, name, detail, name_en)
        for kind, key, number, _second, name, detail, name_en in rows
    ]


def _by_reference(session: Session, kind: HitKind, key: str) -> tuple[Hit, ...]:
    """The hit of a `kind:key`, or the hits of that kind under `kind:number`."""
    lead = leads.of(kind)
    if lead is not None:
        return lead.hits(session, key)
    try:
        public_id = None if kind in _TOLD_BY_NUMBER else uuid.UUID(key)
    except ValueError:
        public_id = None
    if public_id is None:
        wanted = Wanted.of(key)
        hits = _by_text(session, wanted, identifiers.Scan(key, "text"))
        return resolve.ordered(hit for hit in hits if hit.kind is kind)
    if kind in _BY_KEY:
        query = _BY_KEY[kind].replace("{id}", "cast(:id as uuid)")
    else:
        number, name = _NUMBERS[kind]
        english = "name_en" if name == "name" else "null"
        query = (
            f"select '{kind}', public_id::text, {number}, null, {name}, null, {english} from {kind}"
            " where public_id = cast(:id as uuid)"
        )
    rows = session.connection().execute(text(query), {"id": str(public_id)})
    return tuple(
        Hit(HitKind(found), name_key, number, Match.EXACT, name, detail, name_en)
        for found, name_key, number, _second, name, detail, name_en in rows
    )


def lots_of(session: Session, hits: Collection[Hit], as_of: datetime | None = None) -> dict[str, frozenset[int]]:
    """The lots that each hit leads to, by `Hit.reference`; one statement, and those of whoever else answers for a kind of hit.

    What is in a case or on a pallet changes; as of a moment it is what was in it then.
    """
    by_kind: dict[HitKind, list[str]] = defaultdict(list)
    for hit in hits:
        by_kind[hit.kind].append(hit.key)
    led = {lead: by_kind.pop(lead.kind) for kind in [*by_kind] if (lead := leads.of(kind)) is not None}
    elsewhere = {f"{lead.kind}:{key}": lead.lots(session, key) for lead, keys in led.items() for key in keys}
    if not by_kind:
        return elsewhere
    branches, parameters = [], dict[str, Any]()
    packed = LIVE
    if as_of is not None and HitKind.LOGISTIC_UNIT in by_kind:
        packed, parameters["as_of"] = LIVE_THEN, as_of
    for kind, keys in by_kind.items():
        parameters[kind.value] = keys
        branches.append(
            _LOTS[kind].format(
                key=f"'{kind}' as kind,",
                uuids=_UUIDS.format(kind.value),
                texts=_TEXTS.format(kind.value),
                packed=packed,
            )
        )
    found: dict[str, set[int]] = defaultdict(set)
    for kind, key, lot_id in session.connection().execute(text("\nunion\n".join(branches)), parameters):
        found[f"{kind}:{key}"].add(lot_id)
    return {reference: frozenset(ids) for reference, ids in found.items()} | elsewhere


def undecided(
    session: Session,
    resolution: Resolution,
    followed: Collection[Hit],
    ids: frozenset[int],
    as_of: datetime | None = None,
) -> tuple[Hit, ...]:
    """What the text may mean besides what is followed, where that leads to other lots: somebody has to decide on it."""
    others = resolve.beside(resolution, followed)
    leading = lots_of(session, others, as_of) if others else {}
    return tuple(hit for hit in others if leading.get(hit.reference, frozenset()) - ids)


def lots(
    session: Session, typed: str, as_of: datetime | None = None, *, wide: bool = False
) -> tuple[Resolution, tuple[Hit, ...], frozenset[int]]:
    """What the text means and its lots, when that is one thing; a refusal with the meanings otherwise, `wide` all of them."""
    resolution = look(session, typed)
    hits = resolve.candidates(resolution)
    followed, ids = resolve.follow(resolution, hits, lots_of(session, hits, as_of), wide=wide)
    return resolution, followed, ids
