"""A password is its owner's: who has certified it, the one-time codes that lead to it, and the mails about it.

What was set before is nobody's own yet, except for the people of the demonstration: they set it at the next sign-in, and
`batchwright people uncertified` lists them with who set it.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from models.migrations.guards import audit, forbid_change
from models.migrations.rights import APPEND_ONLY_0034, AUDITED_0034

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "credentials.sql"
ACTOR = (
    "select set_config('bw.actor_id', 'service:update', true), set_config('bw.actor_name', 'Batchwright', true),"
    " set_config('bw.source', 'migration', true), set_config('bw.reason', 'passwords are their owners', true)"
)
DEMONSTRATION = """
update account a set own_since = now() where not a.must_change_password and exists (
  select from audit_event e where e.table_name = 'account' and e.row_id = a.id and e.operation = 'insert'
     and e.actor_id = 'service:demo')
   and not exists (
  select from audit_event e join person p on p.id = a.person_id where e.table_name = 'account' and e.row_id = a.id
     and e.operation = 'update' and e.before ->> 'password_hash' is distinct from e.after ->> 'password_hash'
     and e.actor_id <> p.public_id::text)
"""


def instant(name: str, *, now: bool = False, nullable: bool = True) -> sa.Column[object]:
    """A moment."""
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.add_column("account", sa.Column("own_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("employee_no", sa.Text(), nullable=True))
    op.add_column(
        "service_actor", sa.Column("furnishes", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.execute("update service_actor set furnishes = true where actor_id = 'service:demo'")
    _codes()
    _certifications()
    _mails()
    for name in AUDITED_0034:
        op.execute(f"grant select, insert, update on {name} to batchwright_app")
        audit(name)
    for name in APPEND_ONLY_0034:
        op.execute(f"revoke update on {name} from batchwright_app")
        forbid_change(name)
    op.execute(ACTOR)
    op.execute(DEMONSTRATION)
    op.get_bind().exec_driver_sql(SQL.read_text(encoding="utf-8").replace("%", "%%"))


def _codes() -> None:
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        instant("made_at", now=True, nullable=False),
        instant("expires_at", nullable=False),
        sa.Column("first_hash", sa.Text(), nullable=True),
        sa.Column("first_by_id", sa.BigInteger(), nullable=True),
        sa.Column("second_hash", sa.Text(), nullable=True),
        sa.Column("second_by_id", sa.BigInteger(), nullable=True),
        instant("used_at"),
        instant("void_at"),
        sa.CheckConstraint("way in ('mail', 'hands', 'console')", name=op.f("ck_sign_in_code_way")),
        sa.CheckConstraint(
            "second_by_id is null or second_by_id <> first_by_id", name=op.f("ck_sign_in_code_two_people")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_code_account_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_sign_in_code_made_by_id")),
        sa.ForeignKeyConstraint(["first_by_id"], ["person.id"], name=op.f("fk_sign_in_code_first_by_id")),
        sa.ForeignKeyConstraint(["second_by_id"], ["person.id"], name=op.f("fk_sign_in_code_second_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_code_public_id")),
    )
    op.create_index(op.f("ix_sign_in_code_account_id"), "sign_in_code", ["account_id"])


def _certifications() -> None:
    op.create_table(
        "certification",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        instant("at", now=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_certification_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certification_person_id")),
        sa.ForeignKeyConstraint(["code_id"], ["sign_in_code.id"], name=op.f("fk_certification_code_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
    )
    op.create_index(op.f("ix_certification_account_id"), "certification", ["account_id"])
    op.create_index(op.f("ix_certification_person_id"), "certification", ["person_id"])


def _mails() -> None:
    op.create_table(
        "account_mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("public_id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=True),
        sa.Column("news", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        instant("asked_at", now=True, nullable=False),
        instant("done_at"),
        sa.CheckConstraint("status in ('waiting', 'sent', 'failed', 'unsent')", name=op.f("ck_account_mail_status")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_mail_account_id")),
        sa.ForeignKeyConstraint(["code_id"], ["sign_in_code.id"], name=op.f("fk_account_mail_code_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mail")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_mail_public_id")),
    )
    op.create_index(op.f("ix_account_mail_account_id"), "account_mail", ["account_id"])
