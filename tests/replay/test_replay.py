"""Old batches go on with new code: recorded histories replay, and the workflows' commands have their fingerprints.

Histories of everything that tests/workflows does are replayed there, when each module ends.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from tests.process.sample.installed import handed_in
from tests.support import histories
from tests.support.house.proves import proves
from tests.support.plant.commands import commands
from workflows.temporal import registry

HERE = Path(__file__).parent
RECORDED = sorted((HERE / "histories").glob("*.json"))
FINGERPRINTS = json.loads((HERE / "fingerprints.json").read_text(encoding="utf-8"))
WHAT_TO_DO = """
Batches that are under way were driven by the old commands; with this change they would stop at their next step.
Keep the old way for them:

    if workflow.patched("what-changes"):
        ...  # the new commands
    else:
        ...  # the commands as they are in tests/replay/fingerprints.json

New histories: python -m tests.replay.record, beside the old ones (docs/how-to/develop.md).
"""


@pytest.fixture(scope="module", autouse=True)
def known() -> Iterator[None]:
    """The sample's type as well, whose histories have waits, automatic stages and many at once."""
    with handed_in():
        yield


def load(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))


@proves("V 96")
@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    await histories.replay([load(file)])


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.stem)
async def test_the_commands_of_a_workflow_are_those_of_its_fingerprint(file: Path) -> None:
    assert await commands(load(file)) == FINGERPRINTS[file.stem], WHAT_TO_DO


def test_every_workflow_has_a_recorded_history() -> None:
    assert {histories.kind(load(file)) for file in RECORDED} == {one.__name__ for one in registry.ALL}
    assert set(FINGERPRINTS) == {file.stem for file in RECORDED}
