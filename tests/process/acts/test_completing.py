"""What completing a task asks of people and of time, where a workflow would only be in the way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import Session

from models.inspection.messages import MeasuredValue, RecordResults
from models.inspection.queries import sheet as queries_page_task
from models.kernel.refusal import Refusal
from models.kernel.store.act import reading
from models.lot.queries import one as queries_lot
from models.person.rules.roles import Role
from models.process.acts import complete as completing
from models.process.acts import preview as previewing
from models.process.messages.process import CompleteTask
from tests.support.house.proves import proves
from tests.support.plant import people
from tests.support.plant.direct import do
from tests.support.plant.plant import Plant
from tests.support.record import refused


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def busy(desk: Plant) -> Plant:
    """R-1 is material; 胡检 is a second inspector, 唐审 a second reviewer."""
    people.colleague(desk, "hu.jian", "胡检", Role.INSPECTOR, Role.QA_REVIEWER)
    people.qualify(desk, "hu.jian", "inspection")
    people.colleague(desk, "tang.shen", "唐审", Role.QA_REVIEWER, Role.QA_APPROVER)
    people.colleague(desk, "bao.zhuang", "包装工", Role.OPERATOR, Role.QA_APPROVER)
    await desk.material("R-1", 5000)
    return desk


def signing(
    plant: Plant, lot: str, stage: str, login: str, behalf: str | None = None, outcome: str = "release"
) -> CompleteTask:
    task = plant.task(lot, stage)
    return plant.completion(task, plant.by(login, on_behalf_of=behalf), outcome)


async def measured_by(plant: Plant, lot: str, login: str) -> None:
    await plant.order(lot, 50)
    consumes = ({"lot_no": "R-1", "quantity": 50},)
    do(plant.engine, "record_operation", plant.operation(lot, 10, equipment=("M-07",), consumes=consumes))
    reading_ = ({"quantity": "humidity", "value": 45, "unit": "%"},)
    do(plant.engine, "record_operation", plant.operation(lot, 20, environment=reading_, produced=50))
    await plant.measure(lot, login)


async def test_a_proof_of_identity_is_good_for_ten_minutes(busy: Plant) -> None:
    await busy.make("A-OLD", "R-1", 50)
    command = signing(busy, "A-OLD", "review", "zhou.shen")
    later = datetime.now(UTC) + timedelta(minutes=10, seconds=30)
    with refused(busy.engine, "SIG-007"), Session(busy.engine) as session:
        completing.complete(session, command, later)


@proves("L 22")
async def test_who_measured_has_inspected_whoever_signed_the_verdict(busy: Plant) -> None:
    await measured_by(busy, "A-MEAS", "hu.jian")
    await busy.complete("A-MEAS", "inspect", "lin.jian", "accepted")
    await busy.pack("A-MEAS", 50)
    command = signing(busy, "A-MEAS", "review", "hu.jian")
    with refused(busy.engine, "PRC-005", 403, zh="检验"):
        do(busy.engine, "complete_task", command)


async def test_who_packed_has_made_it(busy: Plant) -> None:
    await measured_by(busy, "A-PACK", "lin.jian")
    await busy.complete("A-PACK", "inspect", "lin.jian", "accepted")
    form = {
        "packed_quantity": "50",
        "labels_printed": 50,
        "labels_applied": 50,
        "labels_scrapped": 0,
        "samples_kept": "0",
    }
    await busy.complete("A-PACK", "packaging", "bao.zhuang", signed=False, form=form)
    await busy.complete("A-PACK", "review", "zhou.shen", "release")
    command = signing(busy, "A-PACK", "approve", "bao.zhuang")
    with refused(busy.engine, "PRC-005", 403):
        do(busy.engine, "complete_task", command)


async def test_a_deputy_signs_first_and_the_absent_person_cannot_sign_second(busy: Plant) -> None:
    people.grant(busy, "wu.jingli", Role.QA_REVIEWER)
    people.absent(busy, "tang.shen", "wu.jingli")
    await busy.make("A-DEP", "R-1", 50)
    do(busy.engine, "complete_task", signing(busy, "A-DEP", "review", "wu.jingli", "tang.shen"))
    for login, behalf in (("tang.shen", None), ("wu.jingli", None), ("wu.jingli", "tang.shen")):
        command = signing(busy, "A-DEP", "approve", login, behalf)
        with pytest.raises(Refusal) as info:
            do(busy.engine, "complete_task", command)
        assert info.value.code in {"SIG-006", "PRC-005"}
    do(busy.engine, "complete_task", signing(busy, "A-DEP", "approve", "chen.pi"))
    assert busy.status("A-DEP") == "released"
    both = busy.scalar(
        "select s.printed_name || '/' || p.name from signature s join person p on p.id = s.on_behalf_of_id"
        " join lot l on l.id = s.lot_id where l.lot_no = 'A-DEP'"
    )
    assert both == "吴经理/唐审"


async def test_the_page_says_no_where_the_act_would(busy: Plant) -> None:
    """The preview that the page and the API ask first gives the same code as the act."""
    await busy.make("A-PRE", "R-1", 50)
    await busy.complete("A-PRE", "review", "zhou.shen", "release")
    people.grant(busy, "zhou.shen", Role.QA_APPROVER)
    people.grant(busy, "lin.jian", Role.QA_APPROVER)
    for login, outcome in (
        ("zhou.shen", "release"),
        ("lin.jian", "release"),
        ("li.cang", "release"),
        ("chen.pi", "reject"),
    ):
        command = signing(busy, "A-PRE", "approve", login, outcome=outcome)
        with pytest.raises(Refusal) as act_says:
            do(busy.engine, "complete_task", command)
        with reading(busy.engine) as session, pytest.raises(Refusal) as page_says:
            previewing.check(session, command, datetime.now(UTC))
        assert page_says.value.code == act_says.value.code
    command = signing(busy, "A-PRE", "approve", "chen.pi")
    with reading(busy.engine) as session:
        previewing.check(session, command, datetime.now(UTC))
    do(busy.engine, "complete_task", command)
    assert busy.status("A-PRE") == "released"


async def test_the_first_signers_reason_is_signed_by_the_second_and_shown_to_everybody(busy: Plant) -> None:
    await busy.make("A-WHY", "R-1", 50)
    await busy.complete("A-WHY", "review", "zhou.shen", "release", reason="偏差已评估，可接受")
    await busy.complete("A-WHY", "approve", "chen.pi", "release")
    said = busy.scalar(
        "select jsonb_agg(t.canonical::jsonb order by s.id) from signature s join lot l on l.id = s.lot_id"
        " join signed_record t on t.digest = s.statement where l.lot_no = 'A-WHY' and s.subject = 'release'"
    )
    first = busy.scalar(
        "select s.statement from signature s join lot l on l.id = s.lot_id where l.lot_no = 'A-WHY'"
        " and s.subject = 'release' order by s.id limit 1"
    )
    assert (said[0]["reason"], said[0]["earlier"]) == ("偏差已评估，可接受", [])
    assert said[1]["earlier"] == [first]
    assert said[0]["record"] == said[1]["record"], "both sign the same record"
    with reading(busy.engine) as session:
        lot = busy.scalar("select id from lot where lot_no = 'A-WHY'")
        batch_page = session.connection().execute(queries_lot.SIGNATURES, {"lot": lot}).all()
        task_page = queries_page_task.signatures(session, busy.done_task("A-WHY", "approve").run_id)
    for shown in (batch_page, task_page):
        assert "偏差已评估，可接受" in [one.reason for one in shown]


async def test_what_was_proven_is_what_is_recorded(busy: Plant) -> None:
    """Another outcome, form or reason than the person proved the password for is refused, by whatever door it came."""
    await busy.make("A-SAID", "R-1", 50)
    task = busy.task("A-SAID", "review")
    proven = busy.completion(task, busy.by("zhou.shen"), "reject", reason="尺寸可疑")
    for change in ({"outcome": "release"}, {"outcome": "hold"}, {"reason": "没有问题"}):
        with refused(busy.engine, "SIG-004"):
            do(busy.engine, "complete_task", proven.model_copy(update=change))
    do(busy.engine, "complete_task", proven)


async def test_the_page_of_a_disposition_writes_nothing(busy: Plant) -> None:
    await busy.receive("A-FAIL", 10)
    await busy.measure("A-FAIL", value="13")
    await busy.complete("A-FAIL", "inspect", "lin.jian", "failed")
    task = busy.task("A-FAIL", "disposition")
    with reading(busy.engine) as session:  # a read-only transaction
        decision = previewing.decision(session, UUID(str(task.public_id)), busy.by("chen.pi"), datetime.now(UTC))
    assert decision.why_not is None
    command = busy.completion(task, busy.by("chen.pi"), "reject", reason="超差")
    assert command.digest == decision.digest
    do(busy.engine, "complete_task", command)
    assert busy.scalar("select count(*) from inspection where inspection_no like 'IQC-A-FAIL%'") == 1


async def test_what_was_signed_can_be_shown_again_byte_for_byte(busy: Plant) -> None:
    await busy.make("A-SHOW", "R-1", 50)
    task = busy.task("A-SHOW", "review")
    with reading(busy.engine) as session:
        before = previewing.decision(session, UUID(str(task.public_id)), busy.by("zhou.shen"), datetime.now(UTC))
    do(busy.engine, "complete_task", signing(busy, "A-SHOW", "review", "zhou.shen"))
    do(busy.engine, "complete_task", signing(busy, "A-SHOW", "approve", "chen.pi"))
    await busy.complete("A-SHOW", "putaway", "li.cang", signed=False, form={"location": "FG-A1"})
    await busy.ship("SH-A-SHOW", "A-SHOW", 50)
    with reading(busy.engine) as session:
        after = previewing.decision(session, UUID(str(task.public_id)), busy.by("zhou.shen"), datetime.now(UTC))
    assert after.canonical == before.canonical
    assert [(one.printed_name, one.meaning, one.digest) for one in after.signatures] == [
        ("周审", "reviewed", before.digest),
        ("陈批", "approved", before.digest),
    ]


async def test_using_up_a_parent_does_not_void_the_first_signature(busy: Plant) -> None:
    """What others do with the rest of the material is not about this batch."""
    await busy.material("R-REST", 100)
    await busy.make("A-REST", "R-REST", 50)
    await busy.complete("A-REST", "review", "zhou.shen", "release")
    await busy.ship("SH-R-REST", "R-REST", 50)
    assert busy.status("R-REST") == "closed"
    await busy.complete("A-REST", "approve", "chen.pi", "release")
    assert busy.status("A-REST") == "released"


async def test_a_role_that_ran_out_is_no_role(busy: Plant) -> None:
    await busy.receive("A-ROLE", 10)
    task = busy.task("A-ROLE", "inspect")
    value = MeasuredValue(characteristic=2, sample_no=1, value=Decimal(12))
    by = busy.by("sun.zhao")
    people.grant(busy, "sun.zhao", Role.INSPECTOR)
    people.run_out(busy, "sun.zhao", Role.INSPECTOR)
    command = RecordResults(command_id=str(uuid4()), task_id=UUID(str(task.public_id)), by=by, values=(value,))
    with refused(busy.engine, "TASK-005", 403):
        do(busy.engine, "record_results", command)
