"""Effectiveness checks, returns and reports of a recall."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0008, AUDITED_0008

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    op.add_column("recall", sa.Column("check_level", sa.Text(), nullable=True))
    op.add_column("recall", sa.Column("check_share", sa.Numeric(precision=20, scale=6), nullable=True))
    op.create_check_constraint(op.f("ck_recall_check_level"), "recall", "check_level in ('A', 'B', 'C', 'D', 'E')")
    op.create_check_constraint(op.f("ck_recall_check_share"), "recall", "check_share >= 0 and check_share <= 100")
    op.create_table(
        "recall_sample",
        *_head("recall_sample"),
        _ref("recall_id"),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("share", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _ref("drawn_by_id"),
        _moment("drawn_at"),
        sa.CheckConstraint("level in ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_recall_sample_level")),
        sa.CheckConstraint("share >= 0 and share <= 100", name=op.f("ck_recall_sample_share")),
        sa.CheckConstraint("size >= 0 and size <= population", name=op.f("ck_recall_sample_size")),
        *_points("recall_sample", recall_id="recall", drawn_by_id="person"),
        sa.UniqueConstraint("recall_id", "scope_version", name=op.f("uq_recall_sample_recall_id_scope_version")),
    )
    op.create_table(
        "recall_check",
        *_head("recall_check", public=True),
        _ref("sample_id"),
        _ref("notice_id"),
        *_points("recall_check", sample_id="recall_sample", notice_id="recall_notice"),
        sa.UniqueConstraint("notice_id", name=op.f("uq_recall_check_notice_id")),
    )
    op.create_table(
        "recall_check_attempt",
        *_head("recall_check_attempt"),
        _ref("check_id"),
        sa.Column("reached", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("spoken_with", sa.Text(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_received", sa.Boolean(), nullable=True),
        sa.Column("acted", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        _ref("recorded_by_id"),
        _moment("recorded_at"),
        sa.CheckConstraint(
            "channel in ('visit', 'telephone', 'email', 'letter', 'other')",
            name=op.f("ck_recall_check_attempt_channel"),
        ),
        sa.CheckConstraint(
            "reached = (spoken_with is not null) and reached = (notice_received is not null)"
            " and reached = (acted is not null)",
            name=op.f("ck_recall_check_attempt_reached"),
        ),
        sa.CheckConstraint("acted is not true or notice_received", name=op.f("ck_recall_check_attempt_acted")),
        *_points("recall_check_attempt", check_id="recall_check", recorded_by_id="person"),
    )
    op.create_table(
        "recall_return",
        *_head("recall_return", public=True),
        _ref("recall_id"),
        _ref("customer_id"),
        _ref("lot_id"),
        _ref("shipment_line_id"),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=False),
        _ref("location_id"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("moved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _ref("recorded_by_id"),
        _moment("recorded_at"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_recall_return_quantity")),
        *_points(
            "recall_return",
            recall_id="recall",
            customer_id="customer",
            lot_id="lot",
            shipment_line_id="shipment_line",
            location_id="location",
            recorded_by_id="person",
        ),
    )
    op.create_table(
        "recall_disposition",
        *_head("recall_disposition", public=True),
        _ref("return_id"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("moved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _ref("decided_by_id"),
        _moment("decided_at"),
        sa.CheckConstraint("kind in ('scrap', 'rework', 'restock')", name=op.f("ck_recall_disposition_kind")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_recall_disposition_quantity")),
        *_points("recall_disposition", return_id="recall_return", decided_by_id="person"),
    )
    op.create_table(
        "recall_report",
        *_head("recall_report", public=True),
        _ref("recall_id"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("estimated_on", sa.Date(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        _ref("recorded_by_id"),
        _moment("recorded_at"),
        sa.CheckConstraint("kind in ('plan', 'authority', 'progress', 'summary')", name=op.f("ck_recall_report_kind")),
        sa.CheckConstraint("jurisdiction in ('CN', 'US', 'EU')", name=op.f("ck_recall_report_jurisdiction")),
        *_points("recall_report", recall_id="recall", recorded_by_id="person"),
    )
    for table, column in (
        ("recall_check", "sample_id"),
        ("recall_check_attempt", "check_id"),
        ("recall_return", "recall_id"),
        ("recall_return", "customer_id"),
        ("recall_return", "lot_id"),
        ("recall_return", "shipment_line_id"),
        ("recall_disposition", "return_id"),
        ("recall_report", "recall_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.get_bind().exec_driver_sql((SQL / "recall_follow.sql").read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0008:
        audit(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
    for name in APPEND_ONLY_0008:
        forbid_change(name)


def _head(table: str, *, public: bool = False) -> list[Any]:
    """The keys that every table has."""
    columns: list[Any] = [sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)]
    keys: list[Any] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
    if public:
        columns.append(sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
        keys.append(sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")))
    return columns + keys


def _ref(name: str) -> Any:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _moment(name: str) -> Any:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _points(table: str, **targets: str) -> list[Any]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
