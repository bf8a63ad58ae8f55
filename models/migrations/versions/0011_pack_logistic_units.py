"""Cases and pallets, and what was packed into which of them from when to when."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit
from models.migrations.rights import AUDITED_0011

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
SEARCH_KEY = "upper(regexp_replace(unit_no, '[[:space:]_./-]', '', 'g'))"
IN_HOUSE = "unpacked_at is null and shipment_line_id is null"
INDEXES = (
    ("uq_packed_content_child_id", ["child_id"], True, "unpacked_at is null"),
    ("uq_packed_content_serial_unit_id", ["serial_unit_id"], True, IN_HOUSE),
    ("uq_packed_content_rest_of_id", ["rest_of_id"], True, "rest_of_id is not null"),
    ("ix_packed_content_in_house", ["lot_id", "unit_id"], False, IN_HOUSE),
    ("ix_packed_content_lot_id", ["lot_id"], False, "lot_id is not null"),
    ("ix_packed_content_child_id", ["child_id"], False, "child_id is not null"),
    ("ix_packed_content_serial_unit_id", ["serial_unit_id"], False, "serial_unit_id is not null"),
    ("ix_packed_content_shipment_line_id", ["shipment_line_id"], False, "shipment_line_id is not null"),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "logistic_unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("unit_no", sa.Text(), nullable=False),
        sa.Column("unit_key", sa.Text(), sa.Computed(SEARCH_KEY, persisted=True), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('case', 'pallet')", name=op.f("ck_logistic_unit_kind")),
        sa.CheckConstraint("status in ('open', 'shipped')", name=op.f("ck_logistic_unit_status")),
        sa.CheckConstraint("(status = 'shipped') = (shipment_id is not null)", name=op.f("ck_logistic_unit_shipped")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_logistic_unit_created_by_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_logistic_unit_location_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_logistic_unit_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistic_unit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_logistic_unit_public_id")),
        sa.UniqueConstraint("unit_no", name=op.f("uq_logistic_unit_unit_no")),
    )
    for column in ("unit_key", "location_id", "shipment_id", "created_by_id"):
        op.create_index(op.f(f"ix_logistic_unit_{column}"), "logistic_unit", [column], unique=False)
    _contents()
    op.get_bind().exec_driver_sql((SQL / "packing.sql").read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0011:
        audit(name)
        op.execute(f"grant select, insert, update on {name} to batchwright_app")


def _contents() -> None:
    op.create_table(
        "packed_content",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("serial_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("packed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("unpacked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("unpacked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipment_line_id", sa.BigInteger(), nullable=True),
        sa.Column("rest_of_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(lot_id is null) <> (child_id is null)", name=op.f("ck_packed_content_one_thing")),
        sa.CheckConstraint("(lot_id is null) = (quantity is null)", name=op.f("ck_packed_content_how_much")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_packed_content_quantity")),
        sa.CheckConstraint(
            "serial_unit_id is null or (lot_id is not null and quantity = 1)", name=op.f("ck_packed_content_serial")
        ),
        sa.CheckConstraint("child_id <> unit_id", name=op.f("ck_packed_content_not_itself")),
        sa.CheckConstraint("(unpacked_at is null) = (unpacked_by_id is null)", name=op.f("ck_packed_content_unpacked")),
        sa.CheckConstraint("shipment_line_id is null or unpacked_at is null", name=op.f("ck_packed_content_left")),
        sa.CheckConstraint("shipment_line_id is null or lot_id is not null", name=op.f("ck_packed_content_line")),
        sa.ForeignKeyConstraint(["unit_id"], ["logistic_unit.id"], name=op.f("fk_packed_content_unit_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_packed_content_lot_id")),
        sa.ForeignKeyConstraint(["serial_unit_id"], ["serial_unit.id"], name=op.f("fk_packed_content_serial_unit_id")),
        sa.ForeignKeyConstraint(["child_id"], ["logistic_unit.id"], name=op.f("fk_packed_content_child_id")),
        sa.ForeignKeyConstraint(["packed_by_id"], ["person.id"], name=op.f("fk_packed_content_packed_by_id")),
        sa.ForeignKeyConstraint(["unpacked_by_id"], ["person.id"], name=op.f("fk_packed_content_unpacked_by_id")),
        sa.ForeignKeyConstraint(
            ["shipment_line_id"], ["shipment_line.id"], name=op.f("fk_packed_content_shipment_line_id")
        ),
        sa.ForeignKeyConstraint(["rest_of_id"], ["packed_content.id"], name=op.f("fk_packed_content_rest_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packed_content")),
    )
    for column in ("unit_id", "packed_by_id", "unpacked_by_id"):
        op.create_index(op.f(f"ix_packed_content_{column}"), "packed_content", [column], unique=False)
    for name, columns, unique, where in INDEXES:
        op.create_index(name, "packed_content", columns, unique=unique, postgresql_where=sa.text(where))
