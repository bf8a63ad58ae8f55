"""Whose a step is: the owner rules of its definition, carried out (DESIGN 6a, 8; REQUIREMENTS 89).

A step may say by what its owner is found: `owner: {by: [supplier, site], role: inspector}`.  The plant's own rules name a person for a
supplier, a family of items or a site; the first in the list of the step for which one of them is named and may do the step gets it, and
nobody else; where there is none it waits for its role, as any step does.  Pure: what is known comes in, the key of a person or nothing
goes out.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from models.definition.document import Owner

Known = Mapping[str, str | int | None]
"""What is known of a subject, by what an owner can be found: `supplier` → its key, `item_family`, `site`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """One rule of the plant: a person for whatever has these values; `key` orders rules that say the same."""

    key: int
    person: int
    values: Known

    def fits(self, by: str, known: Known) -> bool:
        """Whether it names somebody by that, and everything that it says is true of the subject."""
        said = {name: value for name, value in self.values.items() if value is not None}
        return by in said and all(known.get(name) == value for name, value in said.items())

    @property
    def narrow(self) -> int:
        """How much it asks for; the rule that asks for more decides."""
        return sum(value is not None for value in self.values.values())


def owner(rule: Owner, known: Known, named: Collection[Named], may: Callable[[int], bool]) -> int | None:
    """The person whose the step is, or nobody: then it is its role's.  Whoever may not do it isn't given it."""
    for by in rule.by:
        fitting = [one for one in named if one.fits(by, known) and may(one.person)]
        if fitting:
            return min(fitting, key=lambda one: (-one.narrow, one.key)).person
    return None
