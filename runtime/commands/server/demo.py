"""`batchwright demo`: the main job from receipt to trace, headless, through the real API, worker, Temporal, PostgreSQL."""

import json
import sys

import typer

from runtime.commands.options import JsonOption


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def demo(as_json: JsonOption = False) -> None:
        """Play the main job on servers of its own and check it / 无界面演示主流程并自检."""
        from runtime.demo import headless, story
        from runtime.demo.company.ground import to_stderr

        document = headless.run(to_stderr)
        print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(story.lines(document)))
        for problem in document["problems"]:
            print(f"! {problem}", file=sys.stderr)
        if document["problems"]:
            raise typer.Exit(1)
