"""The statements of the trace health check: a row of measures for each lot, then each kind of finding in one sweep.

Each says over all lots what `models.trace.rules.findings` says of the lots of one trace, with the same codes, facts and
spellings; a property test holds the two together.  Nothing is asked lot by lot.
"""

# ruff: noqa: S608 - statements are put together from our own words

from sqlalchemy import text

from models.genealogy.store.alive import ALIVE
from models.kernel.store.days import MADE, ZONE
from models.trace.rules import findings as rules

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(rules.NOT_MATERIAL))
_BACK = ", ".join(f"'{kind}'" for kind in sorted(rules.NOT_MATERIAL | rules.GOES_BACK))
_SAME = ", ".join(f"'{kind}'" for kind in sorted(rules.SAME_GOODS))
_OLDER = (
    'left(c.manufactured_on, least(length(c.manufactured_on), length(p.manufactured_on))) collate "C"'
    ' < left(p.manufactured_on, least(length(c.manufactured_on), length(p.manufactured_on))) collate "C"'
)
"""Surely made before its part; dates as printed, of which a month may be any day of it."""
_MATERIAL = f"{ALIVE} and e.kind not in ({_KINDS}) and e.parent_lot_id <> e.child_lot_id"
_ONWARD = f"{ALIVE} and e.kind not in ({_BACK})"

MEASURES = text(f"""
insert into trace_health_lot (
  lot_id, lot_no, kind, origin, uom, manufactured_on, supplier_lot_no, supplier, family, has_parents, made_at, used_at,
  left_at, linked, unclear, received, consumed, adjusted, lost, reshaped_in,
  reshaped_out, shipped, returned, stock, came, difference)
with up as (
  select e.child_lot_id as lot from genealogy_edge e where {_MATERIAL} group by 1
), made as (
  select e.child_lot_id as lot, min(e.at) as at from genealogy_edge e where {_ONWARD} group by 1
), used as (
  select e.parent_lot_id as lot, min(e.at) as at from genealogy_edge e where {_ONWARD} group by 1
), out as (
  select e.parent_lot_id as lot, coalesce(sum(e.quantity) filter (where e.uom = l.uom), 0) as quantity,
         count(*) filter (where e.quantity is null or e.uom <> l.uom) as other
    from genealogy_edge e join lot l on l.id = e.parent_lot_id where {_MATERIAL} group by 1
), moved as (
  select m.lot_id as lot, sum(m.quantity) filter (where m.kind in ('receive', 'produce')) as received,
         -- an adjustment that names an operation is a corrected consumption: more of it, or less
         sum(case when m.kind = 'adjust' and m.to_location_id is not null then - m.quantity else m.quantity end)
           filter (where m.kind = 'consume' or (m.kind = 'adjust' and m.operation_run_id is not null)) as consumed,
         sum(m.quantity) filter (where m.kind = 'adjust' and m.operation_run_id is null
                                   and m.to_location_id is not null and m.from_location_id is null) as more,
         sum(m.quantity) filter (where m.kind = 'adjust' and m.operation_run_id is null and m.to_location_id is null)
           as less,
         sum(m.quantity) filter (where m.kind in ('scrap', 'sample')) as lost,
         sum(m.quantity) filter (where m.kind = 'reshape-in') as reshaped_in,
         sum(m.quantity) filter (where m.kind = 'reshape-out') as reshaped_out
    from stock_movement m group by 1
), gone as (
  select s.lot_id as lot, sum(s.quantity) as shipped, sum(s.returned) as returned, min(h.shipped_at) as at
    from shipment_line s join shipment h on h.id = s.shipment_id where h.status in ('shipped', 'arrived') group by 1
), here as (
  select k.lot_id as lot, sum(k.quantity) as quantity from stock k where k.quantity > 0 group by 1
), whole as (
  select l.id, l.lot_no, l.kind, l.origin, l.uom, {MADE} as manufactured_on, l.supplier_lot_no, p.name as supplier,
         coalesce(nullif(btrim(i.category), ''), l.kind) as family, up.lot is not null as has_parents,
         made.at as made_at, used.at as used_at, gone.at as left_at,
         coalesce(out.quantity, 0) as linked, coalesce(out.other, 0) as unclear,
         case when l.origin = 'migrated' and coalesce(moved.received, 0) = 0 then l.quantity
              else coalesce(moved.received, 0) end as received,
         case when coalesce(moved.consumed, 0) = 0 and l.origin = 'migrated'
              then greatest(coalesce(out.quantity, 0) - coalesce(moved.reshaped_out, 0), 0)
              else coalesce(moved.consumed, 0) end as consumed,
         coalesce(moved.more, 0) - coalesce(moved.less, 0) as adjusted, coalesce(moved.lost, 0) as lost,
         coalesce(moved.reshaped_in, 0) as reshaped_in, coalesce(moved.reshaped_out, 0) as reshaped_out,
         coalesce(gone.shipped, 0) as shipped, coalesce(gone.returned, 0) as returned, coalesce(here.quantity, 0) as stock
    from lot l join item i on i.id = l.item_id left join supplier p on p.id = l.supplier_id
    left join up on up.lot = l.id left join made on made.lot = l.id left join used on used.lot = l.id
    left join out on out.lot = l.id left join moved on moved.lot = l.id left join gone on gone.lot = l.id
    left join here on here.lot = l.id
)
select w.*, w.received + w.adjusted + w.returned + w.reshaped_in as came,
       w.received + w.adjusted + w.returned + w.reshaped_in
       - w.reshaped_out - w.consumed - w.lost - w.shipped - w.stock as difference from whole w
""")
EMPTY = (text("delete from trace_health_found"), text("delete from trace_health_lot"))
"""The application may make no table of its own, not even a temporary one (which could stand before a wall's), so the work
of a check lies in two tables that are empty before and after it."""


def _plain(value: str) -> str:
    return f"cast(trim_scale({value}) as text)"


def _minute(value: str) -> str:
    return f"to_char({value} at time zone {ZONE}, 'YYYY-MM-DD HH24:MI')"


def _facts(**facts: str) -> str:
    pairs = ", ".join(f"'{name}', {value}" for name, value in facts.items())
    return f"jsonb_build_object({pairs})"


_USED = "h.consumed + h.reshaped_out"
_LINKS = _facts(consumed=_plain(_USED), linked=_plain("h.linked"), uom="h.uom")
_AMOUNTS = _facts(
    difference=_plain("abs(h.difference)"),
    came=_plain("h.came"),
    known=_plain("h.came - h.difference"),
    uom="h.uom",
)
_BOUGHT = "h.kind in ('raw', 'component')"
_OF_A_LOT: dict[str, tuple[str, str]] = {
    rules.NO_SUPPLIER_LOT.code: (
        "not h.has_parents and h.supplier is not null and h.supplier_lot_no is null",
        _facts(supplier="h.supplier"),
    ),
    rules.NO_SUPPLIER.code: (f"not h.has_parents and h.supplier is null and {_BOUGHT}", _facts()),
    rules.NO_PARENTS.code: (f"not h.has_parents and h.supplier is null and not {_BOUGHT}", _facts()),
    rules.NO_QUANTITY.code: ("h.unclear > 0", _facts(count="h.unclear")),
    rules.CONSUMED_WITHOUT_LOT.code: (f"h.unclear = 0 and {_USED} > h.linked", _LINKS),
    rules.LINKED_WITHOUT_CONSUMPTION.code: (
        f"h.unclear = 0 and {_USED} < h.linked and h.origin = 'native'",
        _LINKS,
    ),
    rules.IMBALANCE.code: ("h.difference > 0", _AMOUNTS),
    rules.MORE_THAN_CAME.code: ("h.difference < 0", _AMOUNTS),
    rules.USED_BEFORE_MADE.code: (
        "h.used_at < h.made_at",
        _facts(used=_minute("h.used_at"), made=_minute("h.made_at")),
    ),
    rules.SHIPPED_BEFORE_MADE.code: (
        "h.left_at < h.made_at",
        _facts(shipped=_minute("h.left_at"), made=_minute("h.made_at")),
    ),
}
_INTO = (
    "insert into trace_health_found (lot_id, family, code, facts, fingerprint)"
    " select x.lot_id, x.family, x.code, x.facts, md5(cast(x.facts as text)) from ({}) x"
)
SWEEPS = {
    **{
        code: text(
            _INTO.format(
                f"select h.lot_id, h.family, '{code}' as code, {facts} as facts from trace_health_lot h where {where}"
            )
        )
        for code, (where, facts) in _OF_A_LOT.items()
    },
    rules.OLDER_THAN_ITS_PART.code: text(
        _INTO.format(
            f"select distinct c.lot_id, c.family, '{rules.OLDER_THAN_ITS_PART.code}' as code, "
            + _facts(made="c.manufactured_on", parent="p.lot_no", part="p.manufactured_on")
            + " as facts from genealogy_edge e join trace_health_lot c on c.lot_id = e.child_lot_id"
            f" join trace_health_lot p on p.lot_id = e.parent_lot_id where {_ONWARD} and e.kind not in ({_SAME}) and {_OLDER}"
        )
    ),
}
# A loop must have a link to a lot that is not younger than where it comes from, and lies both behind and before such
# links: usually there is none, and nothing is searched.  What may be one is searched in memory by the rule itself.
LOOPS = text(f"""
with recursive back as materialized (
  select e.parent_lot_id as parent, e.child_lot_id as child from genealogy_edge e
   where {_ONWARD} and e.parent_lot_id > e.child_lot_id
), after (lot) as (
  select b.child from back b
  union select e.child_lot_id from after a join genealogy_edge e on e.parent_lot_id = a.lot where {_ONWARD}
), before (lot) as (
  select b.parent from back b
  union select e.parent_lot_id from before a join genealogy_edge e on e.child_lot_id = a.lot where {_ONWARD}
), within as materialized (select lot from after intersect select lot from before)
select distinct e.parent_lot_id, e.child_lot_id from genealogy_edge e
 where {_ONWARD} and e.parent_lot_id <> e.child_lot_id
   and e.parent_lot_id in (select lot from within) and e.child_lot_id in (select lot from within)
""")
NAMES = text("select h.lot_id, h.lot_no from trace_health_lot h where h.lot_id = any(cast(:keys as bigint[]))")
ADD_LOOPS = text(
    _INTO.format(
        f"select h.lot_id, h.family, '{rules.LOOP.code}' as code, jsonb_build_object('loop', g.loop) as facts"
        " from unnest(cast(:lots as text[]), cast(:loops as text[])) g (lot_no, loop) join trace_health_lot h using (lot_no)"
    )
)

HEALTH = text("""
with worst as (
  select f.lot_id, max(array_position(cast(:severities as text[]), s.severity)) as place
    from trace_health_found f join unnest(cast(:codes as text[]), cast(:severity as text[])) s (code, severity) using (code)
   group by f.lot_id
)
select h.family, count(*), count(*) filter (where w.place = 3), count(*) filter (where w.place = 2),
       count(*) filter (where w.place = 1)
  from trace_health_lot h left join worst w on w.lot_id = h.lot_id group by h.family order by h.family
""")
CODES = text("select f.family, f.code, count(*) from trace_health_found f group by f.family, f.code")
EDGES = text(f"select count(*) from genealogy_edge e where {ALIVE}")
CHANGES = text("""
select (select count(*) from trace_health_found f where not exists (select from trace_finding t where t.cleared_run_id is null
          and t.lot_id = f.lot_id and t.code = f.code and t.fingerprint = f.fingerprint)),
       (select count(*) from trace_finding t where t.cleared_run_id is null and not exists (
          select from trace_health_found f where f.lot_id = t.lot_id and f.code = t.code and f.fingerprint = t.fingerprint))
""")
CLEAR = text("""
update trace_finding t set cleared_run_id = :run where t.cleared_run_id is null and not exists (
  select from trace_health_found f where f.lot_id = t.lot_id and f.code = t.code and f.fingerprint = t.fingerprint)
""")
APPEAR = text("""
insert into trace_finding (lot_id, code, family, facts, fingerprint, found_run_id)
select f.lot_id, f.code, f.family, f.facts, f.fingerprint, :run from trace_health_found f
 where not exists (select from trace_finding t where t.cleared_run_id is null
   and t.lot_id = f.lot_id and t.code = f.code and t.fingerprint = f.fingerprint)
 order by f.code, f.lot_id
""")
