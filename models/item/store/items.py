"""Items with their device identifiers (REQUIREMENTS 1, 95; 21 CFR 830)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import null
from sqlmodel import Session, col, select

from models.identifier.rules import identifiers
from models.identifier.rules import scanned_field as scanned
from models.identifier.rules.scanned_field import Asked
from models.item.rules.registered import Registered
from models.item.rules.shelf_life import Master
from models.item.tables import Item, ItemIdentifier
from models.kernel.refusal import Refusal
from models.register.rules import USED_CODE, Register, check_device_identifier, check_names, check_unit
from models.register.store import keyset
from models.register.store.searching import matching


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentifierView:
    """A device identifier at a packaging level; `flagged` says what is wrong with a migrated one."""

    agency: str
    code: str
    level: str
    package_quantity: int | None
    flagged: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemView:
    """A material or product."""

    id: UUID
    item_no: str
    name: str
    name_en: str | None
    kind: str
    uom: str
    description: str | None
    brand: str | None
    model: str | None
    catalogue_no: str | None
    labeler: str | None
    category: str | None
    gmdn: str | None
    product_code: str | None
    lot_on_label: bool
    serial_on_label: bool
    manufactured_on_label: bool
    expiry_on_label: bool
    implantable: bool | None
    sterile: bool
    single_use: bool
    active: bool
    shelf_life_months: int | None
    retest_months: int | None
    tolerance_percent: Decimal
    origin: str
    identifiers: tuple[IdentifierView, ...]


def shelf(item: Item) -> Master:
    """What the item says of its dates."""
    return Master(
        item_no=item.item_no,
        months=item.shelf_life_months,
        on_label=item.expiry_on_label,
        sterile=item.sterile,
        retest_months=item.retest_months,
    )


def meant(session: Session, typed: str) -> Item | None:
    """The item with that number; a scanned label means the item that its identifier is registered for."""
    row = session.exec(select(Item).where(Item.item_no == typed)).first()
    if row is not None or not typed.strip():
        return row
    try:
        scan = identifiers.parse(typed)
    except Refusal:
        return None  # nobody could look for it: there is no such item
    label = scanned.label(typed)
    number = scanned.number(typed, scanned.Asked.ITEM) if label is not None else typed
    if not scan.di_candidates:
        return session.exec(select(Item).where(Item.item_no == number)).first()
    coded = select(Item).join(ItemIdentifier, col(ItemIdentifier.item_id) == col(Item.id))
    codes = list(scan.di_candidates)
    return session.exec(coded.where(col(ItemIdentifier.code).in_(codes)).order_by(col(Item.id)).limit(1)).first()


def register(session: Session, item: Item, labels: Sequence[identifiers.Scan]) -> Registered:
    """What is registered of the products on these labels, and of the item."""
    codes = [code for label in labels for code in label.di_candidates]
    if not codes:
        return Registered({})
    owned = select(col(ItemIdentifier.code), col(Item.item_no)).join(Item, col(Item.id) == col(ItemIdentifier.item_id))
    rows = session.exec(owned.where(col(ItemIdentifier.code).in_(codes)).order_by(col(ItemIdentifier.id))).all()
    agencies = session.exec(select(ItemIdentifier.agency).where(ItemIdentifier.item_id == item.id)).all()
    return Registered(dict(reversed([(code, item_no) for code, item_no in rows])), frozenset(agencies))


BY_IDENTIFIER = f"exists (select from item_identifier d where d.item_id = item.id and ({matching(('d.code',))}))"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemPage:
    """One page of items."""

    items: tuple[ItemView, ...]
    next: str | None


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    q: str | None = None,
    kind: str | None = None,
    undecided: bool = False,
) -> ItemPage:
    """Items by number; `q` is part of the number, the name, the catalogue number or a device identifier.  Two statements."""
    where = [] if kind is None else [col(Item.kind) == kind]
    if undecided:
        where.append(col(Item.implantable).is_(None))
    rows, following = keyset.page(
        session,
        Item,
        Item.item_no,
        limit=limit,
        after=after,
        search=q,
        asked=Asked.ITEM,
        numbers=("catalogue_no",),
        also=(BY_IDENTIFIER,),
        where=where,
    )
    return ItemPage(items=_views(session, rows), next=following)


def one(session: Session, item_no: str) -> ItemView:
    """The item with that number."""
    return _views(session, [keyset.find(session, Item, Item.item_no, item_no)])[0]


def decide_implantable(session: Session, item_no: str, *, implantable: bool) -> ItemView:
    """Somebody says whether it is an implant; the trail keeps who, why and what stood there before."""
    item = keyset.find(session, Item, Item.item_no, item_no)
    item.implantable = implantable
    session.add(item)
    session.flush()
    return _views(session, [item])[0]


def create(session: Session, facts: dict[str, Any], identifiers: Sequence[dict[str, Any]] = ()) -> ItemView:
    """A new item; a device identifier that ever belonged to another item is refused (21 CFR 830.40(c))."""
    check_unit(facts["uom"])
    keyset.check_free(session, Item.item_no, facts["item_no"])
    check_names(facts["name"], facts.get("name_en"))
    item = Item(**facts)
    if facts.get("implantable") is None:
        # said to be unknown; None alone would leave it to the column's default, which nobody has said
        item.implantable = null()  # type: ignore[assignment]
    session.add(item)
    session.flush()
    for given in identifiers:
        one_code = {**given, "code": check_device_identifier(given["agency"], given["code"])}
        known = session.exec(
            select(Item.item_no)
            .join(ItemIdentifier, col(ItemIdentifier.item_id) == col(Item.id))
            .where(ItemIdentifier.agency == one_code["agency"], ItemIdentifier.code == one_code["code"])
        ).first()
        if known is not None:
            raise USED_CODE(code=one_code["code"], item=known)
        session.add(ItemIdentifier(item_id=item.id, **one_code))
        session.flush()
    session.refresh(item)
    return _views(session, [item])[0]


def _views(session: Session, rows: Sequence[Item]) -> tuple[ItemView, ...]:
    codes: dict[int, list[IdentifierView]] = defaultdict(list)
    wanted = [row.id for row in rows]
    for code in session.exec(
        select(ItemIdentifier).where(col(ItemIdentifier.item_id).in_(wanted)).order_by(col(ItemIdentifier.id))
    ).all():
        codes[code.item_id].append(
            IdentifierView(
                agency=code.agency,
                code=code.code,
                level=code.level,
                package_quantity=code.package_quantity,
                flagged=code.flagged,
            )
        )
    plain = [name for name in ItemView.__dataclass_fields__ if name not in {"id", "identifiers"}]
    return tuple(
        ItemView(
            id=row.public_id,
            identifiers=tuple(codes[row.id]),
            **{name: getattr(row, name) for name in plain},
        )
        for row in rows
    )


def _by_identifier(session: Session, typed: str) -> str | None:
    item = meant(session, typed)
    return item.item_no if item else None


ITEMS = Register(Item.item_no, otherwise=_by_identifier)
"""The numbers of items; one is meant by its identifiers, too."""
