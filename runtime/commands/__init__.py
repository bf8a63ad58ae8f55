"""The verbs of the `batchwright` command, one module each.

A module defines `register(app: typer.Typer) -> None`; `cli` calls it for every module of this folder.  Heavy imports
belong inside the verbs: `batchwright --help` must not start half of the world.
"""
