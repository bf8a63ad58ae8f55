"""Legal deadlines at the record: near, missed, met, each once, whatever fires how often (STANDARDS T 58-65)."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from models.kernel.store.act import act, now, reading
from models.person.rules.auth import Principal
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import PERMISSIONS
from models.process.acts import clock as keeping
from models.process.messages.process import Escalate, RunView
from models.process.messages.timer import Timer
from models.process.store import lost_workflow as standing
from models.process.store import runs
from models.process.tables.process import HumanTask
from models.recall.queries import recalls as queries_recalls
from models.recall.rules.duties import AT, BEFORE
from tests.support import stock
from tests.support.plant.aging import aged
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import refused
from tests.support.servers.database import past_walls

NUMBERS = count(1)
RUN = "select id from process_run where workflow_id = 'recall/' || :no"
TOLD = (
    "select count(*) from recall_deadline d join recall r on r.id = d.recall_id"
    " where r.recall_no = :no and num_nonnulls(warned_at, missed_at) > 0"
)
FACTS = "select count(*) from outbox where fact = :fact and payload ->> 'recall' = :no"


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant where batches stand ready."""
    return stocked_desk


async def decided(desk: Plant, mode: str = "recall") -> Recalling:
    n = next(NUMBERS)
    lot = await stock.shipped(desk, 10)
    recall = Recalling(desk, f"{'RD' if mode == 'drill' else 'RC'}-LD-{n}", mode)
    await recall.open(lot)
    await recall.freeze()
    return recall


def reader(desk: Plant) -> Principal:
    by = desk.by("sun.zhao")
    return Principal(
        by.person_id,
        by.actor_id,
        by.name,
        0,
        "sun.zhao",
        frozenset({Role.RECALL_COORDINATOR}),
        PERMISSIONS[Role.RECALL_COORDINATOR],
    )


def view(desk: Plant, recall: Recalling) -> RunView:
    with reading(desk.engine) as session:
        run_id = session.connection().execute(text(RUN), {"no": recall.number}).scalar_one()
        return runs.view(session, runs.load(session, run_id))


def timers(desk: Plant, recall: Recalling, rule: str = "") -> list[Timer]:
    return [one for one in view(desk, recall).timers if one.deadline is not None and one.stage.startswith(rule)]


def fire(desk: Plant, recall: Recalling, one: Timer) -> Any:
    """Its moment has come."""
    left = timers(desk, recall)
    now_ = next((two for two in left if (two.deadline, two.level) == (one.deadline, one.level)), None)
    if now_ is not None and now_.at > datetime.now(UTC):
        aged(desk.engine, f"recall/{recall.number}", now_.at - datetime.now(UTC))
    return ask(desk, recall, one)


def ask(desk: Plant, recall: Recalling, one: Timer) -> Any:
    """Whoever reaches the engine can at any time."""
    run_id = view(desk, recall).run_id
    command = Escalate(run_id=run_id, stage=one.stage, level=one.level, to_role=one.to_role, deadline=one.deadline)
    with act(desk.engine, SETUP) as session:
        return keeping.escalate(session, command, now(session)).data["raised"]


def duty(_: Plant, recall: Recalling, rule: str) -> HumanTask:
    return recall.duty(rule)


async def test_each_legal_deadline_of_a_decided_recall_has_a_moment_before_and_one_at_its_end(desk: Plant) -> None:
    recall = await decided(desk)
    found = timers(desk, recall)
    assert {one.stage.split(" ")[0] for one in found} == {"cn.recall.notify.2", "cn.recall.plan"}
    for rule in ("cn.recall.notify.2", "cn.recall.plan"):
        first, last = timers(desk, recall, rule)
        assert (first.level, last.level, first.at < last.at) == (BEFORE, AT, True)
        due = desk.scalar("select due_at from recall_deadline where id = :id", id=last.deadline)
        assert last.at == due


async def test_a_drill_has_no_legal_timers(desk: Plant) -> None:
    assert timers(desk, await decided(desk, "drill")) == []


async def test_a_deadline_that_comes_near_is_a_task_and_a_missed_one_has_an_owner(desk: Plant) -> None:
    recall = await decided(desk)
    near, missed = timers(desk, recall, "cn.recall.plan")
    for one in (near, missed):
        assert not ask(desk, recall, one), "nobody is told early, whoever asks"
    assert desk.scalar(TOLD, no=recall.number) == 0
    assert fire(desk, recall, near)
    assert not ask(desk, recall, missed)
    task = duty(desk, recall, "cn.recall.plan")
    assert (task.status, task.role, task.assignee_id, task.escalation_level) == ("open", "recall_coordinator", None, 0)
    assert task.due_at == desk.scalar("select due_at from recall_deadline where id = :id", id=missed.deadline)
    assert not fire(desk, recall, near)
    assert fire(desk, recall, missed)
    task = duty(desk, recall, "cn.recall.plan")
    assert (task.escalation_level, task.escalated_to) == (AT, "quality_manager")
    assert task.assignee_id == desk.by("sun.zhao").person_id
    assert not fire(desk, recall, missed)
    assert timers(desk, recall, "cn.recall.plan") == []
    assert [desk.scalar(FACTS, fact=f"recall.deadline_{one}", no=recall.number) for one in ("near", "missed")] == [1, 1]
    assert desk.scalar("select count(*) from human_task where process = 'legal-deadline' and run_id = :run", run=task.run_id) == 1  # fmt: skip


async def test_a_filed_report_ends_its_timers_and_its_task_and_begins_the_next(desk: Plant) -> None:
    recall = await decided(desk)
    near, missed = timers(desk, recall, "cn.recall.plan")
    fire(desk, recall, near)
    before = view(desk, recall).version
    await recall.file("plan")
    assert duty(desk, recall, "cn.recall.plan").status == "cancelled"
    assert timers(desk, recall, "cn.recall.plan") == []
    assert len(timers(desk, recall, "cn.recall.progress.2")) == 2
    assert not fire(desk, recall, missed)
    assert view(desk, recall).version > before
    assert desk.scalar(FACTS, fact="process.changed", no=recall.number) == 1


async def test_a_report_that_is_filed_before_anybody_was_told_leaves_no_task(desk: Plant) -> None:
    recall = await decided(desk)
    await recall.file("plan")
    tasks = "select count(*) from human_task t join recall r on r.id = t.recall_id where t.process = 'legal-deadline' and r.recall_no = :no"  # fmt: skip
    assert desk.scalar(tasks, no=recall.number) == 0


async def test_only_a_missed_deadline_can_be_explained_and_it_stays_missed(desk: Plant) -> None:
    recall = await decided(desk)
    near, missed = timers(desk, recall, "cn.recall.plan")
    fire(desk, recall, near)
    task = duty(desk, recall, "cn.recall.plan")

    async def explain(said: str) -> None:
        command = desk.completion(task, desk.by("sun.zhao"), signed=False, form={"explanation": said})
        await desk.door.complete_task(desk.client, desk.workflow_of(task), command)

    with refused(desk.engine, "RCL-023"):
        await explain("忘了")
    fire(desk, recall, missed)
    with refused(desk.engine, "RCL-024"):
        await explain(" ")
    await explain("邮件系统故障, 已电话报告, 明日补交")
    assert duty(desk, recall, "cn.recall.plan").status == "done"
    with reading(desk.engine) as session:
        [clock] = [
            one
            for one in queries_recalls.view(session, reader(desk), recall.number).clocks
            if one.rule_key == "cn.recall.plan"
        ]
    assert (clock.met_at, clock.duty and clock.duty.explanation) == (None, "邮件系统故障, 已电话报告, 明日补交")


async def test_a_withdrawn_recall_asks_for_no_report(desk: Plant) -> None:
    recall = await decided(desk)
    near, missed = timers(desk, recall, "cn.recall.plan")
    fire(desk, recall, near)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    (lot,) = recall.in_scope()
    await recall.do("follow_up", "sun.zhao", "expand", reason="误报", form={"identifiers": lot})
    await recall.withdraw()
    assert timers(desk, recall) == []
    assert duty(desk, recall, "cn.recall.plan").status == "cancelled"
    assert not fire(desk, recall, missed)


async def test_a_deadline_that_had_passed_when_it_began_has_both_moments_behind_it(desk: Plant) -> None:
    recall = await decided(desk)
    with past_walls(desk.engine) as connection:
        connection.execute(
            text("update recall set decided_at = decided_at - interval '30 days' where recall_no = :no"),
            {"no": recall.number},
        )
    await recall.file("plan", filed_at=datetime.now(UTC) - timedelta(days=20))
    found = timers(desk, recall, "cn.recall.progress.2")
    assert len(found) == 2
    assert all(one.at < datetime.now(UTC) for one in found)
    assert [fire(desk, recall, one) for one in found] == [True, True]
    assert duty(desk, recall, "cn.recall.progress.2").escalated_to == "quality_manager"


async def test_a_closed_recall_is_followed_on_while_its_summary_is_due(desk: Plant) -> None:
    recall = await decided(desk)
    await recall.do("hold_all", "sun.zhao")
    await recall.do("notify", "sun.zhao")
    await recall.do("follow_up", "sun.zhao", "done")
    await recall.decide()
    await recall.do("close", "wu.jingli", "close", signed=True, reason="约定退回")
    summary = timers(desk, recall, "cn.recall.summary")
    assert [one.level for one in summary] == [BEFORE, AT]
    workflow_id = f"recall/{recall.number}"
    with reading(desk.engine) as session:
        assert workflow_id in standing.roots(session)
        again = standing.outermost(session, workflow_id)
    assert again is not None
    assert again.state.result == "closed"
    for one in timers(desk, recall):
        fire(desk, recall, one)
    with reading(desk.engine) as session:
        assert workflow_id not in standing.roots(session)
        assert standing.outermost(session, workflow_id) is None
    await recall.file("summary")
    assert duty(desk, recall, "cn.recall.summary").status == "cancelled"
