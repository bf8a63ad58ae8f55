"""A worker doesn't start on a definition that names what no noun has declared (DESIGN 6a)."""

import json

import pytest

from models.definition import store as definitions
from models.definition.document import as_data
from models.definition.lint.fields import REFERABLE
from models.kernel.store.act import act
from models.plant.store import plant
from models.process import kinds
from models.process.kind import FactKind
from tests.support.definitions import edited, shipped
from tests.support.plant.direct import direct
from tests.support.plant.plant import SETUP
from tests.support.servers.database import TestDatabase


def test_what_is_in_force_is_asked_before_the_first_act(fresh_database: TestDatabase) -> None:
    desk = direct(fresh_database.engine)
    plant.check_declared(desk.engine)
    odd = edited(shipped("batch-lifecycle"), "putaway", does=["moon.fly"]).model_copy(update={"version": 9})
    with act(desk.engine, SETUP) as session:
        definitions.ship(session, json.dumps(as_data(odd), ensure_ascii=False))
    with pytest.raises(kinds.UndeclaredError, match="moon"):
        plant.check_declared(desk.engine)


def test_whatever_a_field_may_refer_to_stands_somewhere() -> None:
    assert [subject for subject in REFERABLE if kinds.source(subject) is None] == []


@pytest.mark.parametrize("fact", tuple(kinds.facts()), ids=lambda one: one.name)
def test_people_have_a_name_for_each_value_of_a_fact(fact: FactKind) -> None:
    assert fact.names.keys() == fact.values.keys()
    assert [name for name in fact.names.values() if not (name.zh and name.en)] == []
    assert fact.answers.keys() <= fact.values.keys()
