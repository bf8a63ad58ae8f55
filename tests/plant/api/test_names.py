"""Each name in two languages: written through one door, read by each reader in their own (SCREENS; REQUIREMENTS 122)."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from models.kernel.store.act import as_written, read_by, reading
from models.trace.rules import csv_file as trace_csv
from runtime.postgres import SUPERUSER, Postgres
from tests.support.graph import Plant, day
from tests.support.servers.database import TestDatabase

Login = Callable[..., Any]
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
NAMED = {
    "/items": ("item_no", {"item_no": "HS-1", "name": "髋关节柄", "name_en": "Hip stem", "kind": "finished"}),
    "/suppliers": ("supplier_no", {"supplier_no": "S-1", "name": "甲材料", "name_en": "Jia Materials"}),
    "/customers": ("customer_no", {"customer_no": "C-9", "name": "第九医院", "name_en": "Ninth Hospital"}),
    "/equipment": (
        "equipment_no",
        {"equipment_no": "G-90", "name": "高度尺", "name_en": "Height gauge", "kind": "caliper"},
    ),
    "/locations": ("code", {"code": "FG-9", "name": "成品库九", "name_en": "Finished goods 9"}),
}
"""What its owner makes through each door, and the column of its number."""


@pytest.fixture
def planted(postgres: Postgres, founded_database: TestDatabase) -> Iterator[Plant]:
    """Steel → needle, ten of which a hospital has; only the needle and the hospital have English names."""
    engine = create_engine(postgres.url(SUPERUSER, founded_database.name))
    with Session(engine, expire_on_commit=False) as session:
        plant = Plant(session)
        plant.begin()
        steel, needle = plant.raw("STEEL-1", supplier_lot="SUP 77"), plant.product("N-1", 50)
        plant.use(steel, needle, 40, day(1))
        plant.ship(needle, 10, "C-1", "SH-1", day(2))
        for change in (
            "select set_config('bw.reason', 'named for the test', true)",
            "update item set name = '缝合针', name_en = 'Suture needle' where item_no = 'NEEDLE'",
            "update item set name = '钢丝' where item_no <> 'NEEDLE'",
            "update customer set name = '第一医院', name_en = 'First Hospital' where customer_no = 'C-1'",
        ):
            session.connection().execute(text(change))
        session.commit()
        yield plant
    engine.dispose()


@pytest.mark.parametrize("path", NAMED)
def test_a_name_is_given_in_both_languages_and_found_by_either(as_: Login, path: str) -> None:
    number, facts = NAMED[path]
    owner = as_("zhao.liu")
    made = owner.post(path, facts)
    assert made.status_code == 201, made.text
    alone = {**facts, number: f"{facts[number]}-B", "name": "只有中文"}
    alone.pop("name_en")
    assert owner.post(path, alone).status_code == 201
    for asked in (facts["name"], facts["name_en"].upper()):
        found = owner.get(path, params={"q": asked}).json()["items"]
        assert [(one[number], one["name"], one["name_en"]) for one in found] == [
            (facts[number], facts["name"], facts["name_en"])
        ]
    assert owner.get(path, params={"q": "只有中文"}).json()["items"][0]["name_en"] is None
    unread = owner.post(path, {**facts, number: f"{facts[number]}-C", "name_en": "\u200b"})
    assert (unread.status_code, unread.json()["code"]) == (422, "MST-012")


DOORS = {
    "/items": "wang.cao",
    "/suppliers": "wang.cao",
    "/customers": "wang.cao",
    "/equipment": "chen.pi",
    "/locations": "chen.pi",
}
"""Who reads such things and may not make one."""


@pytest.mark.parametrize("path", NAMED)
def test_a_thing_gets_another_name_with_a_reason_from_whoever_may_make_it(
    as_: Login, engine: Engine, path: str
) -> None:
    number, facts = NAMED[path]
    owner = as_("zhao.liu")
    assert owner.post(path, facts).status_code == 201
    was = {"was": facts["name"], "was_en": facts["name_en"]}
    door = f"{path}/{facts[number]}/name"
    wanted = {"name": "新名称", "name_en": "New name", **was}
    assert owner.post(door, wanted).status_code == 422, "nobody said why"
    refused = as_(DOORS[path]).post(door, {**wanted, "reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "AUTH-005")
    done = owner.post(door, {**wanted, "reason": "统一命名"})
    assert (done.status_code, done.json()) == (
        200,
        {"number": facts[number], "name": "新名称", "name_en": "New name"},
    )
    found = owner.get(path, params={"q": "new name"}).json()["items"]
    assert [(one["name"], one["name_en"]) for one in found] == [("新名称", "New name")]
    trail = "select before, after, reason from audit_event where operation = 'update' order by id desc limit 1"
    with engine.connect() as connection:
        before, after, reason = connection.execute(text(trail)).one()
    assert reason == "统一命名"
    images = [json.loads(image) if isinstance(image, str) else image for image in (before, after)]
    assert [(one["name"], one["name_en"]) for one in images] == [
        (facts["name"], facts["name_en"]),
        ("新名称", "New name"),
    ]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": ""}, "API-422"),
        ({"name": "   "}, "API-422"),
        ({"name": "\u200b"}, "MST-012"),
        ({"name": "—"}, "MST-012"),
        ({"name": "甲\x07乙"}, "MST-012"),
        ({"name": "甲\n乙"}, "MST-012"),
        ({"name": "甲", "name_en": "a\x85b"}, "MST-012"),
        ({"name": "甲" * 201}, "API-422"),
        ({"name": "甲", "name_en": "x" * 201}, "API-422"),
        ({"name": "髋关节柄", "name_en": "Hip stem"}, "MST-010"),
    ],
)
def test_what_is_no_other_name_is_refused(as_: Login, said: dict[str, str], code: str) -> None:
    owner = as_("zhao.liu")
    owner.post("/items", NAMED["/items"][1])
    body = {"was": "髋关节柄", "was_en": "Hip stem", "reason": "x", **said}
    refused = owner.post("/items/HS-1/name", body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert owner.get("/items/HS-1").json()["name"] == "髋关节柄"


def test_of_two_who_rename_at_once_the_later_is_told(as_: Login) -> None:
    owner, other = as_("zhao.liu"), as_("zhao.liu")
    owner.post("/items", NAMED["/items"][1])
    read = {"was": "髋关节柄", "was_en": "Hip stem", "reason": "x"}
    assert owner.post("/items/HS-1/name", {**read, "name": "髋柄", "name_en": "Hip stem"}).status_code == 200
    late = other.post("/items/HS-1/name", {**read, "name": "股骨柄", "name_en": "Femoral stem"})
    assert (late.status_code, late.json()["code"]) == (409, "MST-011")
    assert "髋柄 / Hip stem" in late.json()["en"]
    now = {**read, "was": "髋柄", "name": "股骨柄"}
    assert other.post("/items/HS-1/name", now).json() == {"number": "HS-1", "name": "股骨柄", "name_en": None}
    assert other.post("/items/HS-9/name", now).json()["code"] == "MST-002"


def test_a_person_is_named_in_both_and_goes_on_signing_under_the_name_on_record(as_: Login) -> None:
    boss = as_("admin")
    made = boss.post("/people", {"name": "许新", "name_en": "Xu Xin", "employee_no": "0900"})
    assert made.status_code == 201, made.text
    found = boss.get("/people", params={"q": "xu xin"}).json()["items"]
    assert [(one["name"], one["name_en"]) for one in found] == [("许新", "Xu Xin")]
    person = made.json()["id"]
    renamed = boss.post(f"/people/{person}/name", {"name": "许心", "reason": "写错"}).json()
    assert (renamed["name"], renamed["name_en"]) == ("许心", "Xu Xin"), "saying no English name leaves it"
    renamed = boss.post(f"/people/{person}/name", {"name": "许心", "name_en": "Xu X.", "reason": "写错"}).json()
    assert renamed["name_en"] == "Xu X."


def test_lists_are_read_in_the_readers_language_and_never_blank(as_: Login, planted: Plant) -> None:
    reader = as_("sun.zhao")

    def names(path: str, **headers: str) -> set[str]:
        return {one.get("item") or one.get("customer") for one in reader.get(path, headers=headers).json()["items"]}

    assert names("/lots") == {"缝合针", "钢丝"}
    assert names("/lots", **ENGLISH) == {"Suture needle", "钢丝"}, "without an English name the plant's own is said"
    assert names("/shipments") == {"第一医院"}
    assert names("/shipments", **ENGLISH) == {"First Hospital"}
    assert planted.session is not None


def test_a_trace_says_both_and_is_the_same_for_every_reader(as_: Login, planted: Plant) -> None:
    reader = as_("sun.zhao")
    path = "/trace/STEEL-1?direction=forward"
    assert planted.session is not None
    body = reader.get(path).json()
    assert [(node["item"], node.get("item_en")) for node in body["nodes"]] == [
        ("钢丝", None),
        ("缝合针", "Suture needle"),
    ]
    assert [(row["customer"], row["customer_en"]) for row in body["customers"]] == [("第一医院", "First Hospital")]
    assert "item_en" not in body["nodes"][0], "what nobody has said is not there, as in answers of before"
    english = reader.get(path, headers=ENGLISH).json()
    assert english["digest"] == body["digest"] == trace_csv.digest(body)
    sheet = reader.get(path + "&format=csv").text
    assert "Suture needle" in sheet
    assert trace_csv.digest(trace_csv.from_csv(sheet)) == body["digest"]


def test_a_file_of_before_has_no_columns_for_english_names_and_still_verifies(as_: Login, planted: Plant) -> None:
    reader = as_("sun.zhao")
    path = "/trace/STEEL-1?direction=backward"  # nothing in it has an English name
    rows = list(csv.reader(io.StringIO(reader.get(path + "&format=csv").text, newline="")))
    kept = [at for at, column in enumerate(rows[0]) if not column.endswith("_en")]
    assert len(kept) < len(rows[0])
    old = "".join(trace_csv.line([row[at] for at in kept]) for row in rows)
    assert trace_csv.digest(trace_csv.from_csv(old)) == reader.get(path).json()["digest"]
    assert planted.session is not None


def test_search_finds_by_either_name(as_: Login, planted: Plant) -> None:
    reader = as_("sun.zhao")
    for asked in ("第一医院", "First Hospital"):
        hits = reader.get("/resolve", params={"text": asked}).json()["hits"]
        assert [(hit["number"], hit["match"]) for hit in hits if hit["kind"] == "customer"] == [("C-1", "exact")]
        assert (hits[0]["name"], hits[0]["name_en"]) == ("第一医院", "First Hospital")
        assert "First Hospital" in hits[0]["label"]["en"]
        assert "First Hospital" not in hits[0]["label"]["zh"]
    assert planted.session is not None


def test_what_has_a_digest_is_composed_of_names_as_the_plant_writes_them(engine: Engine) -> None:
    asked = text("select said('髋关节柄', 'Hip stem')")

    def name(session: Session) -> str:
        return str(session.connection().execute(asked).scalar_one())

    def refused(session: Session) -> str:
        raise LookupError(name(session))

    for language, read in (("zh", "髋关节柄"), ("en", "Hip stem")):
        with reading(read_by(engine, language)) as session:
            assert name(session) == read
            assert as_written(name)(session) == "髋关节柄"
            with pytest.raises(LookupError, match="髋关节柄"):
                as_written(refused)(session)
            assert name(session) == read, "the reader goes on reading in their own language, also after a refusal"
