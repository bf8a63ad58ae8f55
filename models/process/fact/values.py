"""The values that are said with a fact: those that its kind declares, each of its type, and how conditions read them (DESIGN 6a)."""

from collections.abc import Mapping
from typing import Any

from models.definition.condition import Scalar
from models.definition.document import FieldType
from models.process.kind import FactKind

TYPES: dict[FieldType, tuple[type, ...]] = {
    FieldType.TEXT: (str,),
    FieldType.CHOICE: (str,),
    FieldType.DECIMAL: (str,),
    FieldType.DATE: (str,),
    FieldType.INTEGER: (int,),
    FieldType.BOOLEAN: (bool,),
}
"""What a value of a type is in the record: exact decimals and days are text, as in forms."""


class WrongValuesError(TypeError):
    """A fact is told with other values than its kind declares: a mistake in the noun, not somebody's."""


def check(kind: FactKind, values: Mapping[str, Any]) -> dict[str, Scalar]:
    """The values as they are kept; raises `WrongValuesError` for one that is missing, not declared, or of another type."""
    if values.keys() != kind.values.keys():
        raise WrongValuesError(f"{kind.name} is told with {sorted(values)}, and declares {sorted(kind.values)}")
    for name, kept in kind.values.items():
        value = values[name]
        if not isinstance(value, TYPES[kept]) or (isinstance(value, bool) and kept is not FieldType.BOOLEAN):
            raise WrongValuesError(f"{kind.name}.{name} is {value!r}, and no {kept}")
    return dict(values)


def known(name: str, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """As conditions read them: the fact itself, and `<fact>.<value>`."""
    return {name: True, **{f"{name}.{key}": value for key, value in values.items()}}
