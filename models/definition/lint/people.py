"""Whether steps that must be done by different people can be (DEF-018).

Each role may be filled, and still nobody can sign: a reviewer and an approver who are the same one person.  A union of
roles doesn't see that.  This is an assignment of one person to each step such that steps declared "not the same
person" differ: a matching where all exclude each other, a list colouring in general.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from models.definition.document import Definition


def exclusions(definition: Definition) -> dict[str, set[str]]:
    """For each human step the steps that another person must do, both ways round."""
    human = {stage.key for stage in definition.stages if stage.kind.human}
    apart: dict[str, set[str]] = {key: set() for key in sorted(human)}
    for stage in definition.stages:
        for other in stage.not_same_as:
            if stage.key in human and other in human and other != stage.key:
                apart[stage.key].add(other)
                apart[other].add(stage.key)
    return apart


def unassignable(definition: Definition, people_by_role: Mapping[str, AbstractSet[str]]) -> tuple[str, ...]:
    """The steps that can't all get different people where they must; empty when an assignment exists."""
    apart = exclusions(definition)
    able = {
        stage.key: set(people_by_role.get(stage.role or "", ())) for stage in definition.stages if apart.get(stage.key)
    }
    # A step with more people than steps that exclude it can always be filled last.
    shrunk = True
    while shrunk:
        easy = [key for key, people in able.items() if len(people) > len(apart[key] & able.keys())]
        shrunk = bool(easy)
        for key in easy:
            del able[key]
    return () if _assign(sorted(able, key=lambda key: (len(able[key]), key)), able, apart, {}) else tuple(sorted(able))


def _assign(
    rest: list[str], able: Mapping[str, set[str]], apart: Mapping[str, set[str]], given: dict[str, str]
) -> bool:
    if not rest:
        return True
    key, *others = rest
    taken = {given[other] for other in apart[key] if other in given}
    return any(_assign(others, able, apart, {**given, key: person}) for person in sorted(able[key] - taken))
