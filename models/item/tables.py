"""What is made and bought: items, their device identifiers and their bills of material."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlmodel import Field

from models.kernel.columns import (
    UUID,
    Any,
    SQLModel,
    amount,
    flag,
    json_document,
    key,
    public_key,
    ref,
    subject_key,
    words,
)

ITEM_KINDS = "('raw', 'component', 'in_process', 'finished', 'packaged')"


class Item(SQLModel, table=True):
    """A material or product.  `tolerance_percent` is how far its mass balance may be off before it is an exception.

    `implantable` is None while nobody has decided: the register it came from says nothing.  Until then it is treated as an
    implant.
    """

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint(f"kind in {ITEM_KINDS}", name="kind"),
        CheckConstraint("tolerance_percent between 0 and 100", name="tolerance_percent"),
    )
    id: int = key()
    subject_id: int = subject_key("item")
    public_id: UUID = public_key()
    item_no: str = words(unique=True)
    name: str = words()
    name_en: str | None = words(nullable=True)
    kind: str = words()
    uom: str = words("pcs")
    description: str | None = words(nullable=True)
    brand: str | None = words(nullable=True)
    model: str | None = words(nullable=True)
    catalogue_no: str | None = words(nullable=True)
    labeler: str | None = words(nullable=True)
    category: str | None = words(nullable=True)
    gmdn: str | None = words(nullable=True)
    product_code: str | None = words(nullable=True)
    lot_on_label: bool = flag(default=True)
    serial_on_label: bool = flag()
    manufactured_on_label: bool = flag()
    expiry_on_label: bool = flag()
    implantable: bool | None = Field(default=False, nullable=True, sa_column_kwargs={"server_default": text("false")})
    sterile: bool = flag()
    single_use: bool = flag()
    active: bool = flag(default=True)
    shelf_life_months: int | None = None
    retest_months: int | None = None
    tolerance_percent: Decimal = amount(default="0")
    origin: str = words("native")
    extra: dict[str, Any] = json_document()


class ItemIdentifier(SQLModel, table=True):
    """A device identifier of an item at one packaging level (21 CFR 830; a DI is never used again, 830.40(c))."""

    __tablename__ = "item_identifier"
    __table_args__ = (UniqueConstraint("agency", "code"),)
    id: int = key()
    item_id: int = ref("item.id")
    agency: str = words()
    code: str = words(index=True)
    level: str = words("Primary")
    package_quantity: int | None = None
    contains_code: str | None = words(nullable=True)
    flagged: str | None = words(nullable=True)


class BomLine(SQLModel, table=True):
    """How much of a component one unit of an item takes."""

    __tablename__ = "bom_line"
    id: int = key()
    item_id: int = ref("item.id")
    component_id: int = ref("item.id")
    quantity: Decimal = amount()
    optional: bool = flag()
    reference: str | None = words(nullable=True)
