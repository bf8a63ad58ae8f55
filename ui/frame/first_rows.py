"""How many rows of a long table a page begins with, and how a person sees the others (SCREENS: nothing is cut silently).

A page that draws 300 rows of each of its tables is metres long and hides what matters.  So each table begins with a
few, those that want something first; what is left out is said, a link shows it, and counts and downloads are whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

Row = TypeVar("Row")

FIRST = 20
"""Rows of a table to begin with: about a screenful."""
MOST = 500
"""Rows that a browser on a tablet still draws at once; who needs more takes the download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a table shows of how many rows; `more_href` shows more of them, `less_href` folds them again."""

    shown: int
    total: int
    more_href: str = ""
    less_href: str = ""

    @property
    def more(self) -> int:
        """As many as the link will show."""
        return min(self.total, MOST)


@dataclass(frozen=True, slots=True)
class Folding:
    """The page's address, and the one table whose rows somebody asked for."""

    here: str = ""
    asked: str = ""

    @classmethod
    def of(cls, address: str) -> "Folding":
        """As the address of a page says, which a refused form brings along."""
        parts = urlsplit(address)
        kept = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        asked = kept.pop("show", "")
        return cls(f"{parts.path}?{urlencode(kept)}" if kept else parts.path, asked)

    def cut(self, table: str, rows: Sequence[Row], first: int = FIRST) -> tuple[Sequence[Row], Cut]:
        """The rows to show of a table, and what is said about the others."""
        unfolded = self.asked == table
        shown = rows[: MOST if unfolded else first]
        further = f"{self.here}{'&' if '?' in self.here else '?'}show={table}#{table}"
        return shown, Cut(
            shown=len(shown),
            total=len(rows),
            more_href=further if not unfolded and len(rows) > first else "",
            less_href=f"{self.here}#{table}" if unfolded and len(rows) > first else "",
        )
