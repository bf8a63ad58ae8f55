"""Suppliers with what they call our items, and customers with whom to call in a recall (REQUIREMENTS 12, 19)."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col

from models.item.tables import Item
from models.partner.rules import given
from models.partner.tables import Customer, Supplier, SupplierItem
from models.register.rules import check_names
from models.register.store import keyset

R = TypeVar("R", Supplier, Customer)


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplierView:
    """A company that we buy from."""

    id: UUID
    supplier_no: str
    name: str
    name_en: str | None
    status: str
    is_manufacturer: bool
    contact: str | None
    email: str | None
    phone: str | None
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplierPage:
    """One page of suppliers."""

    items: tuple[SupplierView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerView:
    """A consignee."""

    id: UUID
    customer_no: str
    name: str
    name_en: str | None
    contact: str | None
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    level: str | None
    origin: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPage:
    """One page of customers."""

    items: tuple[CustomerView, ...]
    next: str | None


def suppliers(
    session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None, status: str | None = None
) -> SupplierPage:
    """Suppliers by number."""
    rows, following = keyset.page(
        session,
        Supplier,
        Supplier.supplier_no,
        limit=limit,
        after=after,
        search=q,
        where=[] if status is None else [col(Supplier.status) == status],
    )
    return SupplierPage(items=tuple(_supplier(row) for row in rows), next=following)


def supplier(session: Session, supplier_no: str) -> SupplierView:
    """The supplier with that number."""
    return _supplier(keyset.find(session, Supplier, Supplier.supplier_no, supplier_no))


def create_supplier(session: Session, facts: dict[str, Any]) -> SupplierView:
    """A new supplier."""
    keyset.check_free(session, Supplier.supplier_no, facts["supplier_no"])
    check_names(facts["name"], facts.get("name_en"))
    return _supplier(_add(session, Supplier(**facts)))


def set_supplier_status(session: Session, supplier_no: str, status: str) -> SupplierView:
    """Approve, restrict or block a supplier; a blocked one delivers nothing more."""
    row = keyset.find(session, Supplier, Supplier.supplier_no, supplier_no)
    row.status = status
    return _supplier(_add(session, row))


def name_item(
    session: Session, supplier_no: str, item_no: str, supplier_item_no: str, description: str | None
) -> SupplierView:
    """Write down what a supplier calls our item."""
    row = keyset.find(session, Supplier, Supplier.supplier_no, supplier_no)
    item = keyset.find(session, Item, Item.item_no, item_no)
    session.add(
        SupplierItem(supplier_id=row.id, item_id=item.id, supplier_item_no=supplier_item_no, description=description)
    )
    session.flush()
    return _supplier(row)


def customers(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    q: str | None = None,
    level: str | None = None,
    country: str | None = None,
) -> CustomerPage:
    """Customers by number; `level` and `country` may be `unknown`."""
    known = [] if level is None else [col(Customer.level).is_not_distinct_from(given(level))]
    if country is not None:
        known.append(col(Customer.country).is_not_distinct_from(given(country)))
    rows, following = keyset.page(
        session,
        Customer,
        Customer.customer_no,
        limit=limit,
        after=after,
        search=q,
        where=known,
    )
    return CustomerPage(items=tuple(_customer(row) for row in rows), next=following)


def customer(session: Session, customer_no: str) -> CustomerView:
    """The customer with that number."""
    return _customer(keyset.find(session, Customer, Customer.customer_no, customer_no))


def set_level(session: Session, customer_no: str, level: str | None) -> CustomerView:
    """Where a customer stands in the distribution chain, from now on: recalls that are still to tell go by it."""
    row = keyset.find(session, Customer, Customer.customer_no, customer_no)
    row.level = level
    return _customer(_add(session, row))


def set_country(session: Session, customer_no: str, country: str) -> CustomerView:
    """Whose market a customer is: recalls that reach them get the legal clocks of it (`recall_clocks.catch_up`)."""
    row = keyset.find(session, Customer, Customer.customer_no, customer_no)
    row.country = country
    return _customer(_add(session, row))


def create_customer(session: Session, facts: dict[str, Any]) -> CustomerView:
    """A new customer."""
    keyset.check_free(session, Customer.customer_no, facts["customer_no"])
    check_names(facts["name"], facts.get("name_en"))
    return _customer(_add(session, Customer(**facts)))


def _add(session: Session, row: R) -> R:
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def _supplier(row: Supplier) -> SupplierView:
    names = [name for name in SupplierView.__dataclass_fields__ if name != "id"]
    return SupplierView(id=row.public_id, **{name: getattr(row, name) for name in names})


def _customer(row: Customer) -> CustomerView:
    names = [name for name in CustomerView.__dataclass_fields__ if name != "id"]
    return CustomerView(id=row.public_id, **{name: getattr(row, name) for name in names})
