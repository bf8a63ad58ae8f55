"""The clause behind a refusal or a locked step, as a reader says it (SCREENS: words of the plant, never ids).

Laws with a Chinese name have an English one in `ui/frame/words.yaml`.  Where a rule also names a paragraph of our own
design, that stays in the API and in the reference: it says nothing to somebody at the line.
"""

import re

from ui.frame.i18n import Words

OURS = re.compile(r"(DESIGN|REQ|REQUIREMENTS|STANDARDS)\b")
CHINESE = Words("zh")
LAWS = ("gmp", "recall")
CHAPTERS = (
    "purchasing",
    "quality_control",
    "product_release",
    "release",
    "nonconforming",
    "recall_class",
    "recall_summary",
    "recall_notice",
    "recall_stop",
)


def clause(words: Words, text: str) -> str:
    """`ISO 13485 8.2.6; 医疗器械…` with the names of laws in the reader's language; empty when only we can read it."""
    kept = "; ".join(part for each in text.split(";") if (part := each.strip()) and not OURS.match(part))
    for name in (*LAWS, *CHAPTERS):
        kept = kept.replace(CHINESE(f"law.name_{name}"), words(f"law.name_{name}"))
    return kept
