"""`batchwright migrate`: bring the database to the level this version needs."""

import typer

from runtime.commands.options import HomeOption, settings_for


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def migrate(home: HomeOption = None) -> None:
        """Bring the database to this version's level / 升级数据库结构."""
        from runtime import stack
        from runtime.process import StartError
        from runtime.supervisor import running_stack

        settings = settings_for(home)
        if settings.database_url and not settings.database_owner_url:
            raise StartError("migrate needs DATABASE_OWNER_URL beside DATABASE_URL")
        # Starting the embedded database migrates it already; once more is harmless.
        with running_stack(settings, frozenset({"postgres"})) as running:
            stack.migrate(str(running.settings.database_owner_url))
        typer.echo("migrated", err=True)
