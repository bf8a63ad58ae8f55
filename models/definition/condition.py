"""Conditions of a process definition: compare a fact or an answered field with a literal, and combine such compares.

There are no scripts (DESIGN 8): what a process owner can say here is what lint, the floor and the dry run can reason
about.  A missing value equals nothing and is neither less nor more than anything.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr, Tag, model_validator
from pydantic import Discriminator as By

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 writes numbers as IEEE doubles; a larger integer would not survive the canonical form."""

Integer = Annotated[int, Field(strict=True, ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]


def _exact(value: object) -> object:
    """Decimal literals are kept as text: a binary fraction has no stable canonical form."""
    return format(value, "f") if isinstance(value, Decimal) else value


Literals = Annotated[StrictBool | Integer | StrictStr, BeforeValidator(_exact)]
"""A literal of a condition: text, whole number, yes/no.  `0.65` in YAML becomes the text "0.65", compared as a number."""

FACT = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"
FIELD = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
OWN = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"
"""A field of another stage, or, without a stage, of the form that is being filled in."""


class Operator(StrEnum):
    """How a value is compared with the literal."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"


class Compare(BaseModel):
    """`fact` or `field` against `value`; for `in`, `value` is a list.

    A field is written `stage.field`; in `required_when` one without a stage belongs to the form itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Operator
    fact: Annotated[str, Field(pattern=FACT)] | None = None
    field: Annotated[str, Field(pattern=OWN)] | None = None
    value: Literals | tuple[Literals, ...]

    @model_validator(mode="after")
    def _one_source_and_a_fitting_value(self) -> Self:
        if (self.fact is None) == (self.field is None):
            message = "name either a fact or a field"
            raise ValueError(message)
        if (self.op is Operator.IN) != isinstance(self.value, tuple):
            message = "a list of values belongs to 'in', and only there"
            raise ValueError(message)
        return self


class Combine(BaseModel):
    """All, any, or none (`not`) of some conditions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["all", "any", "not"]
    of: tuple["Condition", ...] = Field(min_length=1)


def _shape(value: Any) -> str:
    op = value.get("op") if isinstance(value, Mapping) else getattr(value, "op", None)
    return "combine" if op in {"all", "any", "not"} else "compare"


Condition = Annotated[Annotated[Compare, Tag("compare")] | Annotated[Combine, Tag("combine")], By(_shape)]
Combine.model_rebuild()

Scalar = str | int | float | Decimal | bool
Facts = Mapping[str, Scalar]
Forms = Mapping[str, Mapping[str, Any]]


def compares(condition: Condition) -> Iterator[Compare]:
    """Every comparison inside a condition."""
    if isinstance(condition, Compare):
        yield condition
    else:
        for part in condition.of:
            yield from compares(part)


def holds(condition: Condition, facts: Facts, forms: Forms) -> bool:
    """Whether the condition is true for these facts and the latest answered forms by stage."""
    if isinstance(condition, Combine):
        parts = (holds(part, facts, forms) for part in condition.of)
        match condition.op:
            case "all":
                return all(parts)
            case "any":
                return any(parts)
            case "not":
                return not any(parts)
    return compare(condition.op, _value(condition, facts, forms), condition.value)


def possible(condition: Condition, facts: Facts) -> frozenset[bool]:
    """The truth values a condition can take when only `facts` are known and everything else may be anything.

    This is what lets the floor ask "can a raw lot ever come here?" without running the process.
    """
    both = frozenset({True, False})
    if isinstance(condition, Compare):
        if condition.fact is None or condition.fact not in facts:
            return both
        return frozenset({compare(condition.op, facts[condition.fact], condition.value)})
    parts = [possible(part, facts) for part in condition.of]
    if condition.op == "all":
        return _truths(true=all(True in p for p in parts), false=any(False in p for p in parts))
    some = _truths(true=any(True in p for p in parts), false=all(False in p for p in parts))
    return some if condition.op == "any" else frozenset(not value for value in some)


def _truths(*, true: bool, false: bool) -> frozenset[bool]:
    return frozenset([True] * true + [False] * false)


def _value(condition: Compare, facts: Facts, forms: Forms) -> Any:
    if condition.fact is not None:
        return facts.get(condition.fact)
    stage, _, field = str(condition.field).rpartition(".")
    return forms.get(stage, {}).get(field)


def compare(op: Operator, value: Any, literal: Any) -> bool:
    """Compare one value with a literal (for `in`: with a list of literals)."""
    match op:
        case Operator.IN:
            return any(_same(value, one) for one in literal)
        case Operator.EQ:
            return _same(value, literal)
        case Operator.NE:
            return not _same(value, literal)
    if value is None or isinstance(value, bool) or isinstance(literal, bool):
        return False
    left, right = _number(value), _number(literal)
    a: Any
    b: Any
    if left is not None and right is not None:
        a, b = left, right
    elif isinstance(value, str) and isinstance(literal, str):
        a, b = value, literal  # ISO dates and months sort as text
    else:
        return False
    return bool({Operator.LT: a < b, Operator.LE: a <= b, Operator.GT: a > b, Operator.GE: a >= b}[op])


def _same(value: Any, literal: Any) -> bool:
    if value is None or isinstance(value, bool) or isinstance(literal, bool):
        return value is literal
    if isinstance(value, str) and isinstance(literal, str) and "." not in value + literal:
        return value == literal  # "01" and "1" are different codes
    left, right = _number(value), _number(literal)
    return left == right if left is not None and right is not None else value == literal


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
