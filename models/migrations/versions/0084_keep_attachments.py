"""Files that records refer to, each content once under its SHA-256."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0084, AUDITED_0084

revision = "0084"
down_revision = "0079"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "attachments.sql"
TYPES = "type in ('pdf', 'png', 'jpeg', 'heic', 'mp4', 'xlsx', 'docx', 'zip', 'csv', 'txt')"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_stored_file_digest")),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_size")),
        sa.CheckConstraint(TYPES, name=op.f("ck_stored_file_type")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("digest", name=op.f("uq_stored_file_digest")),
    )
    op.create_table(
        "stored_part",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("place >= 0", name=op.f("ck_stored_part_place")),
        sa.CheckConstraint("length(data) between 1 and 1048576", name=op.f("ck_stored_part_data")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_stored_part_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_part")),
        sa.UniqueConstraint("file_id", "place", name=op.f("uq_stored_part_file_id_place")),
    )
    op.execute("alter table stored_part alter column data set storage external")  # most of it is compressed already
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "length(name) between 1 and 200 and name !~ '[/\\\\[:cntrl:]]'", name=op.f("ck_attachment_name")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_attachment_file_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_attachment_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint(
            "file_id", "name", "uploaded_by_id", name=op.f("uq_attachment_file_id_name_uploaded_by_id")
        ),
    )
    op.create_index(op.f("ix_attachment_uploaded_by_id"), "attachment", ["uploaded_by_id"], unique=False)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))
    for name in AUDITED_0084:
        audit(name)
    for name in APPEND_ONLY_0084:
        forbid_change(name)
        op.execute(f"grant select, insert on {name} to batchwright_app")
