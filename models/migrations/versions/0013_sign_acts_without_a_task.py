"""Sign acts that have no task, and say at each hold by whose signature it was lifted."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Apply."""
    for table in ("signing_attempt", "signature"):
        op.add_column(table, sa.Column("act", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("about", sa.Text(), nullable=True))
    op.alter_column("signature", "task_id", nullable=True)
    op.alter_column("signature", "run_id", nullable=True)
    op.drop_constraint(op.f("ck_signature_subject"), "signature", type_="check")
    op.create_check_constraint(
        op.f("ck_signature_subject"),
        "signature",
        "subject in ('inspection', 'release', 'task', 'disposition', 'recall', 'act')",
    )
    op.create_check_constraint(
        op.f("ck_signature_task_or_act"),
        "signature",
        "(task_id is null) = (subject = 'act') and (run_id is null) = (task_id is null)"
        " and (act is null) = (task_id is not null) and (about is null) = (act is null)",
    )
    op.add_column("hold", sa.Column("lift_signature_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_hold_lift_signature_id"), "hold", "signature", ["lift_signature_id"], ["id"])
    op.get_bind().exec_driver_sql((SQL / "signed_acts.sql").read_text(encoding="utf-8").replace("%", "%%"))
