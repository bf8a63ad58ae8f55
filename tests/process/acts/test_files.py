"""Files that a form names: only what is kept, and a signature is over the contents themselves (21 CFR 11.70)."""

import hashlib
import io
import json

import pytest
from sqlalchemy import text

from models.attachment import store as attachments
from models.attachment.rules.sniff import FileType
from models.attachment.store import Arrived
from models.definition import store as definitions
from models.definition.document import as_data
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from tests.support.definitions import edited, shipped
from tests.support.house.proves import proves
from tests.support.plant.plant import SETUP, Plant

ASKED = {"key": "papers", "title": {"zh": "资料", "en": "Papers"}, "type": "attachment"}
ZHOU = text(
    "select p.id, p.public_id::text, p.name from person p join account a on a.person_id = p.id where a.login = 'zhou.shen'"
)
STATEMENT = text(
    "select r.canonical from signature s join signed_record r on r.digest = s.statement order by s.id desc limit 1"
)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@proves("case 14")
async def test_a_file_that_nobody_sent_is_refused_and_a_signature_covers_the_contents(desk: Plant) -> None:
    signed = edited(shipped("release"), "review", form=[ASKED])
    with act(desk.engine, SETUP) as session:
        version = {"version": signed.version + 50}
        definitions.ship(session, json.dumps(as_data(signed.model_copy(update=version))))
    await desk.material("F-3-M", 100)
    await desk.make("F-3", "F-3-M", 50)
    with pytest.raises(Refusal) as said:
        await desk.complete("F-3", "review", "zhou.shen", "release", form={"papers": ["0" * 64]}, reason="齐全")
    assert said.value.code == "PRC-004"
    assert "0" * 64 in said.value.zh
    content = b"%PDF-1.7 signed"
    with reading(desk.engine) as session:
        who = session.connection().execute(ZHOU).one()
    arrived = Arrived(io.BytesIO(content), digest(content), len(content))
    zhou = Actor(actor_id=who.public_id, name=who.name, source="test")
    attachments.attach(desk.engine, zhou, who.id, arrived, "报告.pdf", FileType.PDF)
    await desk.complete("F-3", "review", "zhou.shen", "release", form={"papers": [digest(content)]}, reason="齐全")
    with reading(desk.engine) as session:
        said_so = session.connection().execute(STATEMENT).scalar_one()
    assert json.loads(said_so)["form"]["papers"] == [digest(content)]
