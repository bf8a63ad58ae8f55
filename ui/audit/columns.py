"""What a column is called on the pages of the trail: as `fields.yaml` in the room of its noun says it, or shorter by a word of ours.

Read when somebody first looks at a trail: a start doesn't need them.
"""

from functools import cache
from pathlib import Path

import models
from models.kernel.text import Text
from ui.frame.i18n import Words, read

EVERY = "every"
"""What a name means in every table, in the kernel's room."""


@cache
def told() -> dict[tuple[str, str], Text]:
    """The names by table and column."""
    rooms = sorted(Path(models.__path__[0]).glob("*/fields.yaml"))
    return {
        (table, column): Text(line[0], line[1])
        for room in rooms
        for table, lines in read(room).items()
        for column, line in lines.items()
    }


def name_of(words: Words, table: str, column: str) -> str:
    """In the reader's language; the column itself where nobody has named it."""
    said = told().get((table, column)) or told().get((EVERY, column))
    name = said.say(words.language) if said is not None else column
    return words.known(f"audit.column_{column}", name[:1].upper() + name[1:])
