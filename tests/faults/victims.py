"""Workers that are killed after PostgreSQL has committed an act and before Temporal knows (`tests.process.sample.dying`)."""

from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tests.faults.conftest import Site
from tests.faults.lives import End, many_under_way

LAST_ACTS = (3, 30)
"""Each worker dies with its n-th act; people act at the same time, so other acts are cut off anywhere."""


@dataclass
class Victim:
    """The act that was committed and not reported."""

    workflow_id: str
    run_id: str
    activity_type: str
    command_id: str


def done(site: Site) -> list[Victim]:
    """Every act that a worker has done, in order, each as often as it was done."""
    lines = (site.up.home.path / "acts").read_text(encoding="utf-8").splitlines()
    return [Victim(*line.split(" ")) for line in lines]


def live(site: Site, ends: list[End]) -> list[Victim]:
    """Batches under way, whose workers die one after the other until one survives; answers the acts that they died with."""
    victims, dies, old = [], site.up.home.path / "dies", site.up.pid("worker")
    dies.write_text(str(LAST_ACTS[0]), encoding="utf-8")
    with many_under_way(site.people, "C", ends):
        for following in (*LAST_ACTS[1:], None):
            site.up.wait_ended("worker", old)
            victims.append(done(site)[-1])
            assert not dies.exists(), "it died by something else"
            if following is not None:
                dies.write_text(str(following), encoding="utf-8")
            site.up.wait_restarted("worker", old)
            old = site.up.pid("worker")
    return victims


async def lost_tasks(client: Client, victim: Victim) -> int:
    """How many workflow tasks of the victim's workflow ended with the death of their worker."""
    history = await client.get_workflow_handle(victim.workflow_id, run_id=victim.run_id).fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT for event in history.events)
