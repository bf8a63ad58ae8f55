"""Deviations beside nonconformances, each closed only by its own signed decision with cause and owner.

Rows of before stay: closed ones as they are, open ones are given their process when the worker starts.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
WORDS = ("code", "about", "title_en", "value", "limit_text", "said", "cause", "decision_reason")
KEYS = {
    "operation_run_id": "operation_run",
    "opened_by_id": "person",
    "run_id": "process_run",
    "decided_by_id": "person",
}


def upgrade() -> None:
    """Apply."""
    table = "nonconformance"
    op.add_column(table, sa.Column("kind", sa.Text(), server_default=table, nullable=False))
    op.add_column(table, sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True))
    for name in WORDS:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
    for name, target in KEYS.items():
        op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_{name}"), table, target, [name], ["id"])
    op.create_check_constraint(op.f("ck_nonconformance_kind"), table, "kind in ('nonconformance', 'deviation')")
    op.create_index(
        "uq_nonconformance_finding",
        table,
        ["lot_id", "code", "about"],
        unique=True,
        postgresql_where=sa.text("code is not null"),
    )
    op.create_index(
        "uq_nonconformance_run_id", table, ["run_id"], unique=True, postgresql_where=sa.text("run_id is not null")
    )
    op.get_bind().exec_driver_sql((SQL / "nonconformance.sql").read_text(encoding="utf-8").replace("%", "%%"))
