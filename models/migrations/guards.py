"""The triggers that guard a table, as every migration attaches them (DESIGN 10; 21 CFR 11.10(e))."""

from alembic import op


def audit(table: str) -> None:
    """Attach the audit trigger; one per operation, because transition tables ask for it."""
    for operation, referencing in (
        ("insert", "new table as new_rows"),
        ("update", "old table as old_rows new table as new_rows"),
        ("delete", "old table as old_rows"),
    ):
        op.execute(
            f"create trigger audit_{operation} after {operation} on {table} referencing {referencing}"
            " for each statement execute function audit_write()"
        )
    op.execute(f"create trigger fixed_key before update on {table} for each row execute function identity_is_fixed()")


def forbid_change(table: str) -> None:
    """Refuse update, delete and truncate, for the owner too."""
    op.execute(
        f"create trigger append_only before update or delete on {table} for each row execute function append_only()"
    )
    op.execute(
        f"create trigger append_only_truncate before truncate on {table}"
        " for each statement execute function append_only()"
    )
