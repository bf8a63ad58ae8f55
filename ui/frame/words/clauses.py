"""The clause behind a refusal or a locked step, as a reader says it (SCREENS: words of the plant, never ids).

Laws with a Chinese name have an English one as `law.name_…` in the words of the noun that they are about.  Where a rule also
names a paragraph of our own design, that stays in the API and in the reference: it says nothing to somebody at the line.
"""

import re

from ui.frame.i18n import Words, catalogue

OURS = re.compile(r"(DESIGN|REQ|REQUIREMENTS|STANDARDS)\b")
CHINESE = Words("zh")
NAME = "law.name_"
NAMES = sorted(key.removeprefix(NAME) for key in catalogue() if key.startswith(NAME))
"""Laws and their chapters that have a name in both languages."""


def clause(words: Words, text: str) -> str:
    """`ISO 13485 8.2.6; 医疗器械…` with the names of laws in the reader's language; empty when only we can read it."""
    kept = "; ".join(part for each in text.split(";") if (part := each.strip()) and not OURS.match(part))
    for name in NAMES:
        kept = kept.replace(CHINESE(f"law.name_{name}"), words(f"law.name_{name}"))
    return kept
