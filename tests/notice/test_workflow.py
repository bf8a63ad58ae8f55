"""Notices by mail on the real server and a mail server on loopback: once each, tried again, left to people (REQ 79)."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from activities.delivery import Delivery
from activities.mail import Mail
from models.kernel.mail.message import SendNotice
from models.kernel.store.act import act
from models.notice.rules import links as notice_links
from runtime.settings import Settings
from tests.support import stock
from tests.support.mail.sink import MailSink, mail_sink
from tests.support.plant.plant import SETUP, Plant
from tests.support.plant.recalling import Recalling
from tests.support.record import refused
from tests.support.servers.database import past_walls
from tests.support.servers.until import until

SECRET = "s" * 40
HOW = """
select d.status || coalesce(' ' || d.why, '') from notice_delivery d join recall_notice n on n.id = d.notice_id
 where n.public_id = :notice and d.kind = :kind
"""
numbers = count(1)


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as made:
        yield made


def settings(sink: MailSink, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_security": "none", "mail_from": "recall@plant.test",
        "public_url": "https://q.example/", "secret": SecretStr(SECRET), **more,
    }  # fmt: skip
    return Settings(**given)


@pytest.fixture(scope="module")
def desk(stocked_desk: Plant) -> Plant:
    """A plant without Temporal, for the mails themselves; in `stocked_plant` workflows send them."""
    return stocked_desk


async def told(plant: Plant, mode: str = "recall", email: str = "qa@hospital.test") -> tuple[Recalling, Any]:
    """A recall whose only customer is to be told."""
    n = next(numbers)
    with act(plant.engine, SETUP) as session:
        session.connection().execute(text("update customer set email = :email"), {"email": email})
    lot = await stock.shipped(plant, 30)
    recall = Recalling(plant, f"{'RD' if mode == 'drill' else 'RC'}-2028-{n:03d}", mode)
    await recall.open(lot)
    await recall.to_customers()
    (notice,) = recall.notices()
    return recall, notice


def how(plant: Plant, notice: Any, kind: str = "first") -> str:
    return str(plant.scalar(HOW, notice=notice.public_id, kind=kind))


async def deliver(plant: Plant) -> None:
    while await Delivery(plant.engine, plant.client).deliver_once():
        pass


async def test_without_a_mail_server_a_notice_waits_to_be_printed(stocked_plant: Plant) -> None:
    """The worker of the tests has no settings: what nobody mails is never called sent."""
    recall, notice = await told(stocked_plant)
    await deliver(stocked_plant)
    assert await stocked_plant.client.get_workflow_handle(f"notice/{notice.public_id}/first").result() == "to_print"
    assert how(stocked_plant, notice) == "to_print no_server"
    # on a queue of its own: a mail server that hangs keeps no slot in which facts are handed on
    history = await stocked_plant.client.get_workflow_handle(f"notice/{notice.public_id}/first").fetch_history()
    asked = [one.activity_task_scheduled_event_attributes for one in history.events]
    assert {one.task_queue.name for one in asked if one.activity_type.name} == {"mail"}
    assert recall.notices()[0].status == "open"
    await deliver(stocked_plant)
    recall.post()
    assert how(stocked_plant, notice).startswith("printed")
    assert (recall.notices()[0].status, recall.notices()[0].sent_at is None) == ("sent", False)
    with refused(stocked_plant.engine, "RCL-016"):
        recall.post()


async def test_a_notice_is_mailed_once_with_its_link(desk: Plant, sink: MailSink) -> None:
    recall, notice = await told(desk)
    send = SendNotice(notice=notice.public_id, kind="first")
    mail = Mail(desk.engine, settings(sink))
    assert mail.send_notice(send) == "sent"
    assert mail.send_notice(send) == "sent"
    (message,) = sink.taken
    assert message["To"] == "qa@hospital.test"
    assert message["Message-ID"] == f"<notice.{notice.public_id}.first@plant.test>"
    said = message.get_content()
    token = said.split("https://q.example/n/")[1].split()[0]
    assert notice_links.read(SECRET.encode(), token) == notice.public_id
    assert str(notice.lines[0]["lot_no"]) in said
    assert recall.notices()[0].status == "sent"
    assert how(desk, notice) == "sent"


async def test_a_server_that_is_busy_is_asked_again(desk: Plant, sink: MailSink) -> None:
    sink.busy = 1
    _, notice = await told(desk)
    mail, send = Mail(desk.engine, settings(sink)), SendNotice(notice=notice.public_id, kind="first")
    with pytest.raises(Exception, match="451 come back later"):
        mail.send_notice(send)
    assert how(desk, notice) == "sending 451 come back later"
    assert mail.send_notice(send) == "sent"
    assert len(sink.taken) == 1


async def test_a_server_that_is_down_is_waited_for_and_then_a_person_is_asked(desk: Plant, sink: MailSink) -> None:
    recall, notice = await told(desk)
    mail, send = Mail(desk.engine, settings(sink, smtp_port=1)), SendNotice(notice=notice.public_id, kind="first")
    for _ in range(11):
        with pytest.raises(Exception, match="refused"):
            mail.send_notice(send)
    assert mail.send_notice(send) == "failed"
    assert recall.notices()[0].status == "open"
    recall.post()
    assert recall.notices()[0].status == "sent"


async def test_an_address_that_does_not_exist_is_not_tried_again(desk: Plant, sink: MailSink) -> None:
    sink.answers["gone@hospital.test"] = "550 no such user"
    recall, notice = await told(desk, email="gone@hospital.test")
    mail = Mail(desk.engine, settings(sink))
    assert mail.send_notice(SendNotice(notice=notice.public_id, kind="first")) == "failed"
    assert how(desk, notice) == "failed gone@hospital.test: 550 no such user"
    assert recall.notices()[0].status == "open"


async def test_one_wrong_address_of_two_is_named_and_the_other_is_told(desk: Plant, sink: MailSink) -> None:
    sink.answers["gone@hospital.test"] = "550 no such user"
    _, notice = await told(desk, email="gone@hospital.test; qa@hospital.test")
    assert Mail(desk.engine, settings(sink)).send_notice(SendNotice(notice=notice.public_id, kind="first")) == "sent"
    assert how(desk, notice) == "sent gone@hospital.test"


@pytest.mark.parametrize(
    ("email", "more", "why"),
    [
        ("", {}, "no_address"),
        ("电话 021-1", {}, "bad_address"),
        ("qa@hospital.test", {"public_url": None}, "no_link"),
        ("qa@hospital.test", {"mail_from": None}, "no_server"),
    ],
)
async def test_what_cannot_be_mailed_says_why(
    desk: Plant, sink: MailSink, email: str, more: dict[str, Any], why: str
) -> None:
    _, notice = await told(desk, email=email)
    mail = Mail(desk.engine, settings(sink, **more))
    assert mail.send_notice(SendNotice(notice=notice.public_id, kind="first")) == "to_print"
    assert how(desk, notice) == f"to_print {why}"
    assert sink.taken == []


async def test_nobody_who_has_answered_is_reminded(desk: Plant, sink: MailSink) -> None:
    recall, notice = await told(desk)
    mail = Mail(desk.engine, settings(sink))
    mail.send_notice(SendNotice(notice=notice.public_id, kind="first"))
    with act(desk.engine, SETUP) as session:
        session.connection().execute(
            text("insert into notice_delivery (notice_id, kind) values (:id, 'reminder-1'), (:id, 'reminder-2')"),
            {"id": notice.id},
        )
    assert mail.send_notice(SendNotice(notice=notice.public_id, kind="reminder-1")) == "sent"
    await recall.acknowledge(notice, 30)
    assert mail.send_notice(SendNotice(notice=notice.public_id, kind="reminder-2")) == "needless"
    assert [str(one["Subject"])[:6] for one in sink.taken] == ["URGENT", "Remind"]


async def test_a_drill_tells_nobody(stocked_plant: Plant, sink: MailSink) -> None:
    drill, notice = await told(stocked_plant, "drill")
    await deliver(stocked_plant)
    assert drill.notices()[0].status == "sent"
    assert (
        Mail(stocked_plant.engine, settings(sink)).send_notice(SendNotice(notice=notice.public_id, kind="first"))
        == "unknown"
    )
    assert sink.taken == []
    assert Mail(stocked_plant.engine, settings(sink)).send_notice(SendNotice(notice=uuid4(), kind="first")) == "unknown"


async def test_the_dispatcher_starts_each_sending_once(stocked_plant: Plant) -> None:
    _, notice = await told(stocked_plant)
    await deliver(stocked_plant)
    with past_walls(stocked_plant.engine) as connection:  # delivered, but the dispatcher died before it could say so
        connection.execute(text("update outbox set delivered_at = null where fact = 'recall.notice'"))
    await deliver(stocked_plant)
    await until(lambda: how(stocked_plant, notice).startswith("to_print"))
    assert stocked_plant.scalar("select attempts from notice_delivery d join recall_notice n on n.id = d.notice_id"
                        " where n.public_id = :id", id=notice.public_id) == 1  # fmt: skip
