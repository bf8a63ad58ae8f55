"""Units as the plant says them: a page shows `根`, so `12 根` may be typed, and a refusal says `根`, not `rod` (SCREENS, Manner).

The record keeps the item's own code of the unit; only what a person reads and types is in words.
"""

import functools
from dataclasses import replace

from models.kernel.refusal import CATALOGUE, Refusal
from models.kernel.units.units import unit
from ui.frame.i18n import LANGUAGES, Words, catalogue

NAMES = ("uom", "unit", "new_uom")
"""Facts of refusals that are units."""


def code_of(typed: str | None) -> str | None:
    """The unit that is shown by this word, or the word itself where the rules know it, or nobody does."""
    if not typed or unit(typed) is not None:
        return typed
    return _codes().get(typed.casefold(), typed)


def in_words(refusal: Refusal) -> Refusal:
    """The refusal with its units as each language says them; the facts stay as they are."""
    kind = CATALOGUE.get(refusal.code)
    units = {name: refusal.params[name] for name in NAMES if name in refusal.params}
    if kind is None or not units or type(refusal) is not Refusal:
        return refusal
    zh, en = (
        {name: Words(language).known(f"unit.{code.lower()}", code, n=0) for name, code in units.items()}
        for language in LANGUAGES
    )
    facts = refusal.params
    read = {name: facts.get(f"{name}_en", fact) for name, fact in facts.items()}  # its English says English names
    # only its own sentence: a refusal may say before it in which case on which pallet the goods are
    return replace(
        refusal,
        zh=refusal.zh.replace(kind.zh.format(**facts), kind.zh.format(**{**facts, **zh})),
        en=refusal.en.replace(kind.en.format(**read), kind.en.format(**{**read, **en})),
    )


@functools.cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for key, spoken in catalogue().items():
        area, _, code = key.partition(".")
        if area == "unit":
            for word in spoken:
                found.setdefault(word.casefold(), code)
    return found
