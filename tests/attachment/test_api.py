"""Files over HTTP: kept once, whole or not at all, and given out as files (21 CFR 11.10(c), 11.70)."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy import table as table_of
from sqlalchemy.exc import DBAPIError

from models.attachment import store
from models.attachment.rules.attachment import MEBI
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, reading
from runtime.postgres import SUPERUSER, Postgres
from tests.support.servers.database import StatementCounter, TestDatabase

PDF = b"%PDF-1.7\n% \xe6\xa3\x80\xe9\xaa\x8c\n"
NAME = "检验报告（第 2 版）.pdf"
Login = Callable[..., Any]


def send(person: Any, content: Any, name: str = NAME, **more: str) -> httpx.Response:
    answer = person.client.post(
        "/api/v1/attachments",
        params={"name": name, **more},
        content=content,
        headers={"X-CSRF-Token": person.csrf, "Content-Type": "application/octet-stream"},
    )
    assert isinstance(answer, httpx.Response)
    return answer


def counted(engine: Engine, table: str) -> int:
    with engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table_of(table))).scalar_one())


def test_a_file_comes_back_byte_for_byte_under_its_own_name(as_: Login) -> None:
    person = as_("lin.jian")
    answer = send(person, PDF)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["type"], told["size"]) == (NAME, "pdf", len(PDF))
    assert told["digest"] == hashlib.sha256(PDF).hexdigest()
    file = as_("wu.jingli").client.get(f"/api/v1/attachments/{told['number']}/content")
    assert file.content == PDF
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''%E6%A3%80%E9%AA%8C" in file.headers["content-disposition"]
    assert file.headers["etag"] == f'"{told["digest"]}"'
    assert person.get(f"/attachments/{told['number']}").json() == told
    assert person.get("/attachments", params={"digest": told["digest"]}).json() == {"attachments": [told]}


def test_one_content_is_kept_once_however_often_it_comes(as_: Login, engine: Engine) -> None:
    first, second = as_("lin.jian"), as_("zhou.shen")
    numbers = [send(*given).json()["number"] for given in ((first, PDF), (first, PDF), (second, PDF))]
    numbers.append(send(first, PDF, "other.pdf").json()["number"])
    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == 3
    assert (counted(engine, "stored_file"), counted(engine, "stored_part"), counted(engine, "attachment")) == (1, 1, 3)


def test_the_same_file_from_many_at_the_same_instant_is_kept_once(as_: Login, engine: Engine) -> None:
    content = PDF + bytes(3 * MEBI)
    sendings = [as_(login) for login in ("lin.jian", "zhou.shen", "lin.jian", "chen.pi")]
    begin = Barrier(len(sendings))

    def together(person: Any) -> httpx.Response:
        begin.wait(20)
        return send(person, content)

    with ThreadPoolExecutor(len(sendings)) as pool:
        answers = list(pool.map(together, sendings))
    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.json()["number"] for one in answers}) == 3
    assert (counted(engine, "stored_file"), counted(engine, "stored_part")) == (1, 4)


def test_a_huge_file_goes_in_and_out_piece_by_piece(as_: Login, app: FastAPI) -> None:
    person, whole, size = as_("lin.jian"), hashlib.sha256(), 0

    def pieces() -> Iterator[bytes]:
        nonlocal size
        for place in range(40):
            piece = (PDF if not place else b"") + bytes([place]) * MEBI
            whole.update(piece)
            size += len(piece)
            yield piece

    told = send(person, pieces(), "large.pdf").json()
    assert (told["size"], told["digest"]) == (size, whole.hexdigest())
    back, largest = hashlib.sha256(), 0
    with (
        StatementCounter(app.state.engine) as sent,
        person.client.stream("GET", f"/api/v1/attachments/{told['number']}/content") as answer,
    ):
        assert answer.headers["content-length"] == str(size)
        for piece in answer.iter_raw():
            back.update(piece)
            largest = max(largest, len(piece))
    assert back.hexdigest() == told["digest"]
    assert largest <= MEBI
    assert sum("stored_part" in statement for statement in sent.statements) == 41


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", NAME, 422, "ATT-001"),
        (PDF, "../../etc/passwd.pdf", 422, "ATT-003"),
        (PDF, "C:\\fakepath\\a.pdf", 422, "ATT-003"),
        (PDF, "a\u202efdp.pdf", 422, "ATT-003"),
        (PDF, "", 422, "ATT-003"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", 422, "ATT-004"),
        (b"<html><script>1</script>", "a.txt", 422, "ATT-004"),
        (b"MZ\x90\x00", "a.pdf", 422, "ATT-004"),
        (PDF, "a.exe", 422, "ATT-005"),
        (b"plain words", "a.html", 422, "ATT-005"),
    ],
)
def test_what_may_not_be_kept_is_refused_and_leaves_nothing(
    as_: Login, engine: Engine, content: bytes, name: str, status: int, code: str
) -> None:
    answer = send(as_("lin.jian"), content, name)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert counted(engine, "stored_file") == 0


def test_a_file_beyond_the_limit_is_refused_by_its_length_and_by_what_arrives(
    as_: Login, app: FastAPI, engine: Engine
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"attachment_mb": 1})
    person = as_("lin.jian")
    content = PDF + bytes(MEBI)
    for sent in (content, iter([content[:MEBI], content[MEBI:]])):
        answer = send(person, sent)
        assert (answer.status_code, answer.json()["code"]) == (413, "ATT-002")
    assert counted(engine, "stored_file") == 0
    assert send(person, content[:MEBI]).status_code == 201


def test_what_arrives_otherwise_than_announced_isnt_kept(as_: Login, engine: Engine) -> None:
    person = as_("lin.jian")
    refused = send(person, PDF, digest="0" * 64)
    assert (refused.status_code, refused.json()["code"]) == (422, "ATT-006")
    assert counted(engine, "stored_file") == 0
    assert send(person, PDF, digest=hashlib.sha256(PDF).hexdigest().upper()).status_code == 201


def test_a_form_is_no_file_and_a_key_changes_nothing(as_: Login, engine: Engine) -> None:
    person = as_("lin.jian")
    form = person.client.post(
        "/api/v1/attachments", params={"name": NAME}, files={"file": PDF}, headers={"X-CSRF-Token": person.csrf}
    )
    assert (form.status_code, form.json()["code"]) == (422, "API-416")
    headers = {"X-CSRF-Token": person.csrf, "Idempotency-Key": "one"}
    answers = [
        person.client.post(
            "/api/v1/attachments", params={"name": f"{place}.pdf"}, content=PDF + place.encode(), headers=headers
        )
        for place in ("1", "2")
    ]
    assert len({one.json()["digest"] for one in answers}) == 2
    assert counted(engine, "stored_file") == 2


def test_who_only_looks_attaches_nothing(as_: Login, anybody: httpx.Client, engine: Engine) -> None:
    number = send(as_("lin.jian"), PDF).json()["number"]
    looker = as_("zheng.shenji")
    answer = send(looker, PDF, "mine.pdf")
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH-005")
    assert looker.get(f"/attachments/{number}/content").status_code == 200
    assert anybody.get(f"/api/v1/attachments/{number}/content").status_code == 401
    forged = anybody.post("/api/v1/attachments", params={"name": NAME}, content=PDF)
    assert forged.status_code == 401
    assert counted(engine, "attachment") == 1


def test_no_attachment_is_said(as_: Login) -> None:
    answer = as_("lin.jian").get("/attachments/00000000-0000-7000-8000-000000000000/content")
    assert (answer.status_code, answer.json()["code"]) == (404, "ATT-007")


def test_what_nobody_sent_is_told_from_what_is_kept(as_: Login, engine: Engine) -> None:
    digest = send(as_("lin.jian"), PDF).json()["digest"]
    with reading(engine) as session:
        assert store.lacking(session, [digest, digest]) == ()
        assert store.lacking(session, []) == ()
        assert store.lacking(session, [digest, "0" * 64]) == ("0" * 64,)


def test_what_was_changed_behind_the_walls_is_never_given_out(
    as_: Login, postgres: Postgres, founded_database: TestDatabase
) -> None:
    person = as_("lin.jian")
    small = send(person, PDF).json()["number"]
    large = send(person, PDF + bytes(MEBI), "large.pdf").json()["number"]
    owner = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with owner.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text("update stored_part set data = set_byte(data, 9, 88)"))
    owner.dispose()
    answer = person.get(f"/attachments/{small}/content")
    assert (answer.status_code, answer.json()["code"]) == (409, "ATT-009")
    with pytest.raises(httpx.RemoteProtocolError):
        person.get(f"/attachments/{large}/content")


FILE = "insert into stored_file (digest, size, type) values (encode(sha256(cast(:data as bytea)), 'hex'), :size, 'pdf')"


@pytest.mark.parametrize(
    ("statements", "state"),
    [
        ((FILE,), "BW340"),
        ((FILE, "insert into stored_part (file_id, place, data) select id, 0, cast(:data as bytea) || 'x' from stored_file"), "BW340"),
        ((FILE.replace(":size", ":size + 1"), "insert into stored_part (file_id, place, data) select id, 0, :data from stored_file"), "BW340"),
        ((FILE, "insert into stored_part (file_id, place, data) select id, 1, :data from stored_file"), "BW341"),
    ],
)  # fmt: skip
def test_the_database_keeps_only_what_is_whole(engine: Engine, statements: tuple[str, ...], state: str) -> None:
    def write() -> None:
        with act(engine, Actor("service:test", "test", "test")) as session:
            for statement in statements:
                session.connection().execute(text(statement), {"data": PDF, "size": len(PDF)})

    with pytest.raises(Refusal, match="API-900") as caught:
        write()
    assert isinstance(caught.value.__cause__, DBAPIError)
    assert getattr(caught.value.__cause__.orig, "sqlstate", "") == state


def test_who_attaches_is_who_acts(as_: Login, engine: Engine, people: dict[str, int]) -> None:
    send(as_("lin.jian"), PDF)
    with pytest.raises(Refusal, match="API-900"), act(engine, Actor("service:test", "test", "test")) as session:
        session.connection().execute(
            text("insert into attachment (file_id, name, uploaded_by_id) select id, 'b.pdf', :person from stored_file"),
            {"person": people["lin.jian"]},
        )


@pytest.mark.parametrize(
    "change", ["update stored_part set place = 7", "delete from stored_file", "update attachment set name = 'x'"]
)
def test_nothing_kept_is_changed(as_: Login, engine: Engine, change: str) -> None:
    send(as_("lin.jian"), PDF)
    with pytest.raises((DBAPIError, Refusal)), act(engine, Actor("service:test", "test", "test")) as session:
        session.connection().execute(text(change))
