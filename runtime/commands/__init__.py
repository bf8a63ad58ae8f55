"""The verbs of the `batchwright` command, one module each: `server` about what runs, `record` about what is recorded.

A module defines `register(app: typer.Typer) -> None`; `cli` calls it for every module of these folders.  Heavy imports
belong inside the verbs: `batchwright --help` must not start half of the world.
"""
