"""A wait or a trigger that can't be carried out is refused while it is drawn (DESIGN 6, 8; DEF-054 to DEF-056, DEF-058, DEF-059, DEF-060)."""

from collections.abc import Iterator
from typing import Any

import pytest

from models.definition.document import Definition, FieldType, Text, as_data
from models.process import kinds, lawful
from models.process.kind import FactKind
from tests.support.definitions import shipped, text

FACTS = (
    FactKind(
        "goods.came",
        Text(zh="到货", en="goods came"),
        ("lot",),
        {"count": FieldType.INTEGER, "kind": FieldType.TEXT, "on": FieldType.DATE, "urgent": FieldType.BOOLEAN},
    ),
    FactKind("goods.asked", Text(zh="要货", en="goods are asked for"), ("lot", "recall")),
)


@pytest.fixture(autouse=True)
def told() -> Iterator[None]:
    """The facts are somebody's."""
    kinds.install((), (), FACTS)
    yield
    for one in FACTS:
        del kinds._facts[one.name]


def found(**trigger: Any) -> list[tuple[str, str | None]]:
    """What is wrong with the life of a batch that has this trigger."""
    given = {"fact": "goods.came", "process": "release", "title": text("so"), **trigger}
    data = {**as_data(shipped("batch-lifecycle")), "triggers": [given]}
    return [(one.code, one.stage) for one in lawful.check(Definition.model_validate(data))]


def when(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"op": op, "fact": name, "value": value}


RIGHT = [
    ("goods.came.count", "gt", 3),
    ("goods.came.count", "le", "3.5"),
    ("goods.came.kind", "eq", "raw"),
    ("goods.came.kind", "in", ["raw", "finished"]),
    ("goods.came.on", "lt", "2026-12-01"),
    ("goods.came.urgent", "eq", True),
    ("goods.came", "eq", True),
    ("lot.kind", "eq", "raw"),
]
WRONG = [
    ("goods.came.size", "eq", 3),
    ("goods.came.count", "eq", "many"),
    ("goods.came.count", "in", [1, "two"]),
    ("goods.came.kind", "gt", "raw"),
    ("goods.came.kind", "eq", True),
    ("goods.came.urgent", "eq", "yes"),
    ("goods.came.urgent", "ge", True),
    ("goods.asked.count", "eq", 1),
    ("recall.mode", "eq", "drill"),
    ("count", "eq", 1),
]


@pytest.mark.parametrize(("name", "op", "value"), RIGHT)
def test_a_condition_reads_what_the_fact_is_told_with(name: str, op: str, value: Any) -> None:
    assert found(when=when(name, op, value)) == []
    assert found(when={"op": "not", "of": [when(name, op, value)]}) == []


@pytest.mark.parametrize(("name", "op", "value"), WRONG)
def test_what_the_fact_is_not_told_with_is_found(name: str, op: str, value: Any) -> None:
    assert found(when=when(name, op, value)) == [("DEF-055", "triggers[0]")]
    both = {"op": "any", "of": [when("lot.kind", "eq", "raw"), when(name, op, value)]}
    assert found(when=both) == [("DEF-055", "triggers[0]")]


def test_a_fact_that_nobody_tells_is_found() -> None:
    assert found(fact="goods.went") == [("DEF-054", "triggers[0]")]


@pytest.mark.parametrize(
    "trigger",
    [
        {"link": "cause"},  # about the same batch
        {"process": "recall"},  # a recall is declared by a person
        {"process": "recall", "link": "cause"},
        {"fact": "goods.asked"},  # about a batch or a recall: of which?
    ],
)
def test_a_run_about_nothing_is_found(trigger: dict[str, Any]) -> None:
    assert found(**trigger) == [("DEF-056", "triggers[0]")]


@pytest.mark.parametrize(
    ("process", "owner", "wrong"),
    [
        ("batch-lifecycle", {"by": ["supplier", "site"], "role": "warehouse"}, 0),
        ("release", {"by": ["item_family"], "role": "qa_reviewer"}, 0),
        ("batch-lifecycle", {"by": [], "role": "warehouse"}, 1),
        ("batch-lifecycle", {"by": ["supplier", "shift"], "role": "warehouse"}, 1),
        ("batch-lifecycle", {"by": ["site"], "role": "recall_coordinator"}, 1),
        ("batch-lifecycle", {"by": ["shift"], "role": "recall_coordinator"}, 2),
    ],
)
def test_an_owner_of_a_trigger_that_cannot_be_found_is(process: str, owner: dict[str, Any], wrong: int) -> None:
    assert found(process=process, owner=owner) == [("DEF-060", "triggers[0]")] * wrong


@pytest.mark.parametrize("more", [{"merge": True}, {"owner": {"by": ["site"], "role": "warehouse"}}])
def test_what_only_joins_neither_merges_nor_gives_anybody_a_first_step(more: dict[str, Any]) -> None:
    assert found(process="batch-lifecycle", joins=True) == []
    assert found(process="recall", link="cause", joins=True) == []  # nothing needs to be made
    assert found(process="batch-lifecycle", joins=True, **more) == [("DEF-058", "triggers[0]")]


def waits(name: str) -> Definition:
    """The life of a batch that waits for this fact instead of its production."""
    data = as_data(shipped("batch-lifecycle"))
    return Definition.model_validate(
        {**data, "stages": [{**one, "fact": name} if one["key"] == "production" else one for one in data["stages"]]}
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("production.ended", "nobody ever tells it"),
        ("recall.closed", "it is never about a batch"),
        ("lot.released", None),
        ("goods.asked", None),  # about a batch or a recall
    ],
)
def test_a_wait_for_what_never_comes_is_found(name: str, said: str | None) -> None:
    found = [(one.code, one.stage, one.en) for one in lawful.check(waits(name)) if one.code == "DEF-059"]
    words = f"The step production waits for the fact “{name}”, which never comes: {said}."
    assert found == ([] if said is None else [("DEF-059", "production", words)])


def test_a_worker_does_not_start_on_a_wait_for_what_nobody_tells() -> None:
    kinds.check([waits("lot.released")])
    with pytest.raises(kinds.UndeclaredError, match=r"production\.ended"):
        kinds.check([waits("production.ended")])


def test_a_worker_does_not_start_on_a_trigger_whose_fact_nobody_tells() -> None:
    data = {
        **as_data(shipped("batch-lifecycle")),
        "triggers": [{"fact": "goods.went", "process": "release", "title": text("so")}],
    }
    with pytest.raises(kinds.UndeclaredError, match=r"goods\.went"):
        kinds.check([Definition.model_validate(data)])
