"""`batchwright demo`: the main job from receipt to trace, headless, through the real API, worker, Temporal, PostgreSQL."""

import json
import sys
from typing import Annotated

import typer

from runtime.commands.options import JsonOption
from runtime.demo.parts import Part

PartOption = Annotated[Part | None, typer.Option("--part", help="Only this part. / 只演示这一部分")]


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def demo(part: PartOption = None, as_json: JsonOption = False) -> None:
        """Play the main job, a drill and what happens by itself on servers of its own and check them / 无界面演示主流程、演练和自动事件并自检."""
        from runtime.demo import headless, story
        from runtime.demo.company.ground import to_stderr

        document = headless.run(to_stderr, tuple(Part) if part is None else (part,))
        print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(story.lines(document)))
        for problem in document["problems"]:
            print(f"! {problem}", file=sys.stderr)
        if document["problems"]:
            raise typer.Exit(1)
