"""What is typed into the search of a list: rows whose number or name has it somewhere, however it is typed (REQUIREMENTS 19, 95).

A number is looked for by its identity key, as at every other door; a name half-width, in any case and without what nobody
sees.  A scanned label is looked for by the number that it holds.
"""

from collections.abc import Iterable

from models.identifier.rules.identity import identity_key
from models.identifier.rules.scanned_field import Asked, searched
from models.kernel.typed import compatible


def like(typed: str) -> str:
    """A pattern that finds `typed` anywhere; wildcards in it are taken literally (`escape '!'`)."""
    return "%" + typed.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


def matching(numbers: Iterable[str], names: Iterable[str] = ()) -> str:
    """The condition that one of these columns has what `sought` reads."""
    return " or ".join(
        [
            *(f"identity_key({one}) like :q_key escape '!'" for one in numbers),
            *named(numbers, "q"),
            *named(names, "q"),
        ]
    )


def named(columns: Iterable[str], pattern: str) -> list[str]:
    """Conditions that a column has the text of a parameter, a pattern of `words`, somewhere."""
    return [f"normalize({one}, nfkc) ilike :{pattern} escape '!'" for one in columns]


def words(typed: str) -> str:
    """The pattern of a text that stands somewhere in a name."""
    return like(" ".join(compatible(typed).split()))


def sought(typed: str | None, *asked: Asked) -> dict[str, str | None]:
    """The values of `matching`; both nothing where nothing was asked for."""
    meant = compatible(searched(typed, *asked)) if typed else ""
    if not meant:
        return {"q": None, "q_key": None}
    # a part of a number may begin or end with a separator, which the key of a whole number doesn't: `-12` is not in `A12`
    return {"q": words(meant), "q_key": like(identity_key(f"0{meant}0")[1:-1])}
