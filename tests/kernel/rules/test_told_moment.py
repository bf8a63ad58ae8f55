"""No door takes a moment before clocks began: nothing that anybody records happened, or holds, before 1970 (ALCOA+)."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from api.frame.request.shapes import Input
from models.kernel.refusal import Refusal
from models.kernel.time.reported import since_clocks
from tests.support.house import request_shapes


def told_moments() -> Iterator[tuple[type[BaseModel], str]]:
    """Every moment that a request of the API tells; pages read their forms by the same shapes."""
    for found in request_shapes.modules().values():
        module = importlib.import_module(found)
        for shape in vars(module).values():
            if (
                isinstance(shape, type)
                and issubclass(shape, Input)
                and shape.__module__ == module.__name__
                and shape.__name__.endswith(("In", "Input"))
            ):
                yield from ((shape, name) for name, field in shape.model_fields.items() if _moment(field.annotation))


def _moment(annotation: Any) -> bool:
    return "datetime" in str(annotation) or "Aware" in str(annotation)


MOMENTS = sorted(set(told_moments()), key=lambda one: (one[0].__name__, one[1]))


def test_the_table_of_told_moments_names_calibrations_work_skills_absences_and_what_customers_say() -> None:
    named = {f"{shape.__name__}.{field}" for shape, field in MOMENTS}
    assert {
        "CalibrationInput.performed_at",
        "OperationIn.started_at",
        "ReadingIn.measured_at",
        "CheckIn.contacted_at",
    } <= named


@pytest.mark.parametrize(("shape", "field"), MOMENTS, ids=lambda one: getattr(one, "__name__", one))
def test_a_moment_before_clocks_began_is_refused_at_every_door(shape: type[BaseModel], field: str) -> None:
    read = TypeAdapter(_of(shape, field))
    time = (
        ""
        if "datetime.date" in str(shape.model_fields[field].annotation)
        and "datetime.datetime" not in str(shape.model_fields[field].annotation)
        else "T23:59:59Z"
    )
    with pytest.raises(Refusal, match="1970") as caught:
        read.validate_python(f"1969-12-31{time}")
    assert (caught.value.code, caught.value.status) == ("TIM-001", 422)
    assert read.validate_python(f"1970-01-01{time}")


def _of(shape: type[BaseModel], field: str) -> Any:
    info = shape.model_fields[field]
    return info.rebuild_annotation()


def test_the_record_refuses_it_too_whoever_asks() -> None:
    with pytest.raises(Refusal, match="1970"):
        since_clocks(datetime(1900, 1, 1, tzinfo=UTC))
    assert since_clocks(datetime(1970, 1, 1, tzinfo=UTC)).year == 1970
