"""A state is always shape + word + colour (SCREENS): five marks that every list, badge and picture shares.

Which mark a state has is said in the room of its noun, `ui/<noun>/marks.yaml`: below each family `state: tone`, and below
`decided` the tones of outcomes that don't stand behind anything.  The word is `status.<family>_<state>` in the noun's `words.yaml`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from ui.frame.i18n import PAGES, read

Tone = Literal["good", "wait", "work", "hold", "bad"]

SHAPES: dict[Tone, str] = {"good": "●", "wait": "◌", "work": "▶", "hold": "■", "bad": "✕"}
OUTCOMES = "decided"


def _gathered() -> dict[str, dict[str, Tone]]:
    """The tones of each family, noun by noun; refuses a state that two rooms mark, and a tone that there isn't."""
    families: dict[str, dict[str, Tone]] = {}
    for path in sorted(PAGES.glob("*/marks.yaml")):
        for family, states in read(path).items():
            known = families.setdefault(family, {})
            wrong = [state for state, tone in states.items() if state in known or tone not in get_args(Tone)]
            if wrong:
                message = f"{path}: {family} {wrong}"
                raise ValueError(message)
            known |= states
    return families


FAMILIES = _gathered()
_DECIDED = FAMILIES.pop(OUTCOMES)


@dataclass(frozen=True, slots=True)
class Mark:
    """One badge: the tone gives shape and colour, the key gives the word."""

    tone: Tone
    key: str

    @property
    def shape(self) -> str:
        """The sign that says the same as the colour, for those who don't see the colour."""
        return SHAPES[self.tone]


def mark(family: str, state: str) -> Mark:
    """The badge for a state; a state the family doesn't know is a bug."""
    return Mark(FAMILIES[family][state], f"status.{family}_{state}")


def decided(outcome: str | None) -> Tone:
    """What a signature stood for: a failed inspection has no green edge."""
    return _DECIDED.get(outcome or "", "good")
