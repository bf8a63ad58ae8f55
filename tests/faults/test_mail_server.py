"""A mail server that hangs keeps nobody else waiting, and what it never takes ends before an operator (REQ 79)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import select
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import activities
from activities.delivery import Delivery
from activities.mail import Mail
from activities.smtp import Patience
from models.fault import queries as queries_faults
from models.kernel.mail.message import SendNotice
from models.kernel.refusal import Refusal
from models.kernel.store import outbox
from models.kernel.store.act import act, reading
from models.person.rules import account_mail
from models.person.store import account_mails
from models.person.tables import Account, Person
from runtime.ports import free_port
from runtime.postgres import Postgres
from runtime.settings import Settings
from runtime.temporal.workers import THREADS, build_worker
from tests.support import histories
from tests.support.mail.hangs import hanging
from tests.support.mail.sink import mail_sink
from tests.support.plant.direct import beside
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling, reach
from tests.support.servers.database import copy_template, drop, past_walls
from tests.support.servers.until import until
from workflows.temporal import registry

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

FOR_EVER = Patience(answer=3600, whole=3600)
SHORT = {"silent": Patience(answer=0.1, whole=3600), "dripping": Patience(answer=3600, whole=0.3)}
"""A silent server is left after one answer that doesn't come; one that drips is only bounded by the whole."""
STATE = "select status, attempts, why from account_mail where public_id = :mail"
UNFINISHED = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"  # fmt: skip


def settings(port: int, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "plant@plant.test",
        "secret": SecretStr("s" * 40), **more,
    }  # fmt: skip
    return Settings(**given)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plant(
    database_template: Postgres, furnished_template: str, temporal_env: WorkflowEnvironment
) -> AsyncIterator[Plant]:
    """A plant at work; each test brings who sends the mails."""
    made = copy_template(database_template, furnished_template)
    client = temporal_env.client
    doing = activities.all_activities(activities.Context(engine=made.engine, client=client))
    with temporal_env.with_time_skipping_disabled():
        async with (
            build_worker(client, "quality", activities=doing, workflows=registry.ALL),
            build_worker(client, "outward", activities=doing),
        ):
            yield Plant(made.engine, client)
            await histories.end_all(client)
    drop(database_template, made)


@asynccontextmanager
async def posting(plant: Plant, mail: Mail) -> AsyncIterator[Worker]:
    """Whoever sends mails, until the block ends."""
    async with build_worker(plant.client, "mail", activities=[mail.send_notice]) as worker:
        yield worker


def ask(plant: Plant, count: int = 1) -> list[UUID]:
    """So many mails to 王操 are to go out."""
    with act(plant.engine, SETUP) as session:
        account = session.exec(select(Account).where(Account.login == "wang.cao")).one()
        session.get_one(Person, account.person_id).email = "wang@plant.test"
        session.flush()
        for _ in range(count):
            account_mails.ask(session, account, "unlocked", "管理员")
        found = session.connection().execute(
            text("select public_id from account_mail order by id desc limit :n"), {"n": count}
        )
        return [UUID(str(one)) for one in found.scalars()]


def state(plant: Plant, mail: UUID) -> tuple[str, int, str | None]:
    with plant.engine.connect() as connection:
        row = connection.execute(text(STATE), {"mail": mail}).one()
    return row.status, row.attempts, row.why


async def deliver(plant: Plant) -> None:
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def test_while_a_mail_server_hangs_facts_are_handed_on_and_nothing_is_locked(plant: Plant) -> None:
    slots = THREADS["mail"]
    async with AsyncExitStack() as stack:
        server = stack.enter_context(hanging("silent"))
        await stack.enter_async_context(posting(plant, Mail(plant.engine, settings(server.port), FOR_EVER)))
        mails = ask(plant, slots + 3)
        await deliver(plant)
        await until(lambda: server.callers == slots, "every slot for mails hangs")
        await plant.receive("R-MAIL")
        with act(plant.engine, SETUP) as session:
            session.connection().execute(text("insert into outbox (fact, payload) values ('lot.depleted', '{}')"))
        await deliver(plant)
        assert plant.scalar("select count(*) from outbox where delivered_at is null") == 0
        assert plant.scalar(UNFINISHED) == 0
        with act(plant.engine, SETUP) as session:  # would fail at once where somebody held one
            session.connection().execute(text("select from account_mail for update nowait")).all()
        # leaving the block stops the worker; it must not wait for the mail server, which hangs on
    assert [state(plant, one)[0] for one in mails] == ["waiting"] * (slots + 3)
    assert {state(plant, one)[2] for one in mails} == {None}, "a worker that stops is no fault of the mail server"
    with mail_sink() as good:
        mail = Mail(plant.engine, settings(good.port))
        assert [mail.send_notice(SendNotice(notice=one, kind=account_mail.KIND)) for one in mails] == ["sent"] * len(
            mails
        )


@contextmanager
def bad(how: str) -> Iterator[int]:
    """The port of a server that takes no mail."""
    if how == "refusing":
        yield free_port()  # nobody listens
    else:
        with hanging("silent" if how == "silent" else "dripping") as server:
            yield server.port


@pytest.mark.parametrize(
    ("how", "said"),
    [("silent", "timed out"), ("dripping", "had not taken it after 0.3 s"), ("refusing", "refused")],
)
async def test_a_mail_is_tried_so_often_then_an_operator_sees_it_and_has_it_tried_again(
    plant: Plant, how: str, said: str
) -> None:
    (key,) = ask(plant)
    send = SendNotice(notice=key, kind=account_mail.KIND)
    with bad(how) as port:
        mail = Mail(plant.engine, settings(port), SHORT.get(how, FOR_EVER))
        for attempt in range(1, account_mail.TRIES):
            with pytest.raises(ApplicationError, match=said):
                mail.send_notice(send)
            assert state(plant, key)[:2] == ("waiting", attempt)
        assert mail.send_notice(send) == "failed"
        assert mail.send_notice(send) == "failed"
    with act(plant.engine, SETUP) as session:  # as the dispatcher did hours ago
        session.connection().execute(
            text(
                "update outbox set delivered_at = now(), attempts = attempts + 1 where given_up_at is null and delivered_at is null"
            )
        )
    with reading(plant.engine) as session:
        (letter,) = queries_faults.operation(session).undelivered_facts
    assert (letter.fact, letter.subject, letter.attempts) == ("account.mail", "wang.cao", account_mail.TRIES)
    assert said in str(letter.error)
    with act(plant.engine, SETUP) as session:
        outbox.again(session, letter.id, datetime.now(UTC))
    with mail_sink() as good:
        async with posting(plant, Mail(plant.engine, settings(good.port))):
            await deliver(plant)
            await until(lambda: state(plant, key)[0] == "sent", "the mail that was tried again")
        assert len(good.to("wang@plant.test")) == 1
    with reading(plant.engine) as session:
        assert queries_faults.operation(session).undelivered_facts == ()


async def test_a_notice_of_a_recall_that_an_operator_has_tried_again_is_delivered_once(plant: Plant) -> None:
    reach(plant, "C-1", email="gone@hospital.test")
    past = beside(plant.engine)  # what led to the notice; no workflow follows it
    await past.material("R-OP", 50)
    await past.make("H-OP", "R-OP", 50)
    await past.release("H-OP")
    await past.ship("S-OP", "H-OP", 30)
    recall = Recalling(past, "RC-2029-001")
    await recall.open("H-OP")
    await recall.to_customers()
    (notice,) = recall.notices()
    send = SendNotice(notice=UUID(str(notice.public_id)), kind="first")
    with mail_sink() as server:
        server.answers["gone@hospital.test"] = "550 no such user"
        mail = Mail(plant.engine, settings(server.port, public_url="https://q.example"))
        assert mail.send_notice(send) == "failed"
        with act(plant.engine, SETUP) as session:  # as the dispatcher did hours ago
            session.connection().execute(
                text(
                    "update outbox set delivered_at = now(), attempts = attempts + 1 where given_up_at is null and delivered_at is null"
                )
            )
        with reading(plant.engine) as session:
            (letter,) = queries_faults.operation(session).undelivered_facts
        assert (letter.fact, "550 no such user" in str(letter.error)) == ("recall.notice", True)
        reach(plant, "C-1", email="qa@hospital.test")
        with act(plant.engine, SETUP) as session:
            outbox.again(session, letter.id, datetime.now(UTC))
        with pytest.raises(Refusal), act(plant.engine, SETUP) as session:
            outbox.again(session, letter.id, datetime.now(UTC))  # pressed twice
        async with posting(plant, mail):
            await deliver(plant)
            with past_walls(plant.engine) as connection:  # delivered, but the dispatcher died before it could say so
                back = text("update outbox set delivered_at = null where public_id = :fact returning id")
                assert connection.execute(back, {"fact": letter.id}).scalar()
            await deliver(plant)
            await until(lambda: recall.notices()[0].status == "sent", "the notice that was tried again")
        assert mail.send_notice(send) == "sent"
        assert [str(one["To"]) for one in server.taken] == ["qa@hospital.test"]
    with reading(plant.engine) as session:
        assert queries_faults.operation(session).undelivered_facts == ()


def test_tries_that_never_came_to_an_end_are_counted_too(plant: Plant) -> None:
    """A worker killed over each of them could write nothing down."""
    (key,) = ask(plant)
    with act(plant.engine, SETUP) as session:
        session.connection().execute(
            text("update account_mail set attempts = :n where public_id = :mail"),
            {"n": account_mail.TRIES, "mail": key},
        )
    with mail_sink() as good:
        mail = Mail(plant.engine, settings(good.port))
        assert mail.send_notice(SendNotice(notice=key, kind=account_mail.KIND)) == "failed"
        assert good.taken == []


def test_a_server_that_has_taken_a_mail_and_never_says_good_bye_gets_it_once(plant: Plant) -> None:
    (key,) = ask(plant)
    with hanging("no good-bye") as server:
        mail = Mail(plant.engine, settings(server.port), FOR_EVER)
        assert mail.send_notice(SendNotice(notice=key, kind=account_mail.KIND)) == "sent"
        assert server.taken == 1
    assert state(plant, key)[0] == "sent"
