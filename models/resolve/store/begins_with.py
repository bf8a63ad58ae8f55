"""What begins with a typed text, or has it in its name: batches, serials, documents, items, customers, places, recalls (REQUIREMENTS 95).

A search that a person reads, apart from `resolve`, which says what a number means and what a trace follows.  Numbers are
compared by their folded keys along the index, in the order of code points that the database keeps them in (DESIGN 9); names
of items, customers and suppliers, which are thousands and not millions, wherever the text stands in them.
"""

# ruff: noqa: S608 - statements are put together from our own column names; every value is a parameter

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from models.identifier.rules.identity import identity_key, near_key
from models.register.store.searching import named, words

MOST = 20
"""Of each kind; more of them say that the text should be longer."""
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Beginning:
    """One record: its kind (a `HitKind`, `recall`, or `subject` of the kind that `detail` names), its number and what tells it from the others."""

    kind: str
    key: str
    number: str
    name: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What was found, the kinds in the order of the page; `more` when a kind has further ones."""

    found: tuple[Beginning, ...] = ()
    more: bool = False


def _near(column: str) -> str:
    return f"{column} >= :near and {column} < :near_end"


def _number(column: str) -> str:
    return f"identity_key({column}) >= :number and identity_key({column}) < :number_end"


def _named(number: str, *names: str) -> str:
    return " or ".join([f"({_number(number)})", *named(names, "anywhere")])


_BRANCHES = (
    (
        "select 'lot', l.public_id::text, l.lot_no, said(i.name, i.name_en) as name, i.item_no, l.lot_key from lot l join item i on i.id = l.item_id"
        f" where {_near('l.lot_key')} order by l.lot_key"
    ),
    (
        "select 'supplier_lot', min(l.public_id::text), l.supplier_lot_no, said(s.name, s.name_en), string_agg(l.lot_no, ', ' order by l.id), null"
        f" from lot l left join supplier s on s.id = l.supplier_id where {_near('l.supplier_lot_key')}"
        " group by l.supplier_lot_no, s.name, s.name_en order by l.supplier_lot_no"
    ),
    (
        "select 'serial_unit', u.public_id::text, u.serial_no, said(i.name, i.name_en) as name, l.lot_no, u.serial_key from serial_unit u"
        f" join lot l on l.id = u.lot_id join item i on i.id = u.item_id where {_near('u.serial_key')} order by u.serial_key"
    ),
    (
        "select 'logistic_unit', u.public_id::text, u.unit_no, said(p.name, p.name_en) as name, null, u.unit_key from logistic_unit u"
        f" join location p on p.id = u.location_id where {_near('u.unit_key')} order by u.unit_key"
    ),
    (
        "select 'item', i.public_id::text, i.item_no, said(i.name, i.name_en) as name, i.catalogue_no, null from item i"
        f" where {_named('i.item_no', 'i.name', 'i.name_en', 'i.catalogue_no')} order by i.item_no"
    ),
    (
        "select 'customer', c.public_id::text, c.customer_no, said(c.name, c.name_en) as name, null, null from customer c"
        f" where {_named('c.customer_no', 'c.name', 'c.name_en')} order by c.customer_no"
    ),
    (
        "select 'supplier', s.public_id::text, s.supplier_no, said(s.name, s.name_en) as name, null, null from supplier s"
        f" where {_named('s.supplier_no', 's.name', 's.name_en')} order by s.supplier_no"
    ),
    (
        "select 'recall', r.public_id::text, r.recall_no, r.title, r.mode, null from recall r"
        f" where {_named('r.recall_no', 'r.title')} or {_number('r.identifier')} order by r.recall_no desc"
    ),
    (
        "select 'work_order', w.public_id::text, w.work_order_no, said(i.name, i.name_en) as name, l.lot_no, null from work_order w"
        f" join item i on i.id = w.item_id left join lot l on l.id = w.lot_id where {_number('w.work_order_no')}"
        " order by w.work_order_no"
    ),
    (
        "select 'shipment', h.public_id::text, h.shipment_no, said(c.name, c.name_en) as name, h.order_no, null from shipment h"
        f" join customer c on c.id = h.customer_id where {_number('h.shipment_no')} order by h.shipment_no"
    ),
    (
        "select 'order', h.order_no, h.order_no, min(said(c.name, c.name_en)), string_agg(h.shipment_no, ', ' order by h.id), null"
        f" from shipment h join customer c on c.id = h.customer_id where {_number('h.order_no')}"
        " group by h.order_no order by h.order_no"
    ),
    (
        "select 'tracking', h.tracking_no, h.tracking_no, min(said(c.name, c.name_en)),"
        " string_agg(h.shipment_no, ', ' order by h.id), null"
        f" from shipment h join customer c on c.id = h.customer_id where {_number('h.tracking_no')}"
        " group by h.tracking_no order by h.tracking_no"
    ),
    (
        "select 'load', r.load_no, r.load_no, null, string_agg(distinct l.lot_no, ', '), null from operation_run r"
        f" join lot l on l.id = r.lot_id where {_number('r.load_no')} group by r.load_no order by r.load_no"
    ),
    (
        "select 'location', p.public_id::text, p.code, said(p.name, p.name_en) as name, null, null from location p"
        f" where {_named('p.code', 'p.name', 'p.name_en')} order by p.code"
    ),
    (
        "select 'inspection', n.public_id::text, n.inspection_no, null, l.lot_no, null from inspection n"
        f" join lot l on l.id = n.lot_id where {_number('n.inspection_no')} order by n.inspection_no"
    ),
    (
        "select 'equipment', e.public_id::text, e.equipment_no, said(e.name, e.name_en) as name, e.kind, null from equipment e"
        f" where {_named('e.equipment_no', 'e.name', 'e.name_en')} order by e.equipment_no"
    ),
    (
        "select 'nonconformance', n.public_id::text, n.nonconformance_no, n.title, l.lot_no, null from nonconformance n"
        f" left join lot l on l.id = n.lot_id where {_named('n.nonconformance_no', 'n.title', 'n.title_en')} order by n.id desc"
    ),
)
_OWN = ("lot", "item", "customer", "supplier", "recall", "place", "equipment", "nonconformance")
"""Kinds of subjects with a branch that says more of them; every other kind is found as a subject, people and sites apart."""
_SUBJECTS = (
    "select 'subject', s.public_id::text, s.number, said(s.title, s.title_en) as name, s.kind, null from subject s"
    f" where s.kind not in {(*_OWN, 'person', 'site', 'definition')}"
    f" and ({_named('s.number', 's.title', 's.title_en')}) order by s.number"
)
SEARCH = text("\nunion all\n".join(f"(select * from ({one} limit :most) b)" for one in (*_BRANCHES, _SUBJECTS)))


def find(session: Session, typed: str) -> Beginnings:
    """At most `MOST` of each kind; nothing for a text of which nothing visible is left, or of a single letter or digit.

    One Chinese character is a word, one letter is not.
    """
    number, near = identity_key(typed), near_key(typed)
    if not near or (len(near) < 2 and near.isascii()):
        return Beginnings()
    rows = session.connection().execute(
        SEARCH,
        {
            "near": near,
            "near_end": near + LAST,
            "number": number,
            "number_end": number + LAST,
            "anywhere": words(typed),
            "most": MOST + 1,
        },
    )
    kinds: dict[str, list[Beginning]] = {}
    for kind, key, found, name, detail, _ in rows:
        kinds.setdefault(kind, []).append(Beginning(kind, key, found, name, detail))
    return Beginnings(
        found=tuple(one for many in kinds.values() for one in many[:MOST]),
        more=any(len(many) > MOST for many in kinds.values()),
    )
