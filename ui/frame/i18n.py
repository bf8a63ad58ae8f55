"""Every word a page says, in Chinese and in English (requirement: zh-CN first, en too; SCREENS "words of the plant").

The catalogue is `ui/<noun>/words.yaml`: below each area `key: [中文, English]`, or `[中文, one English, many English]` where English
counts; a sentence with several counts names both forms in place: `{lots:,} {lots:batch|batches}`.  A page asks for
`area.key`; asking for a key that isn't there is a bug and fails loudly, so a raw key can never
reach a person.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from models.kernel.units import names as unit_names

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
PAGES = Path(__file__).parents[1]


def choose(asked: str | None, remembered: str | None = None) -> Language:
    """The language of a page: what the address asks for, else what the cookie remembers, else Chinese."""
    for wish in (asked, remembered):
        if wish == "en":
            return "en"
        if wish == "zh":
            return "zh"
    return "zh"


def read(path: Path) -> dict[Any, Any]:
    """What a shipped YAML file says; by libyaml where PyYAML has it, nine times faster: every start reads fifty of them."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    said: dict[Any, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are the safe one
    return said


def areas() -> Iterator[tuple[str, dict[Any, Any]]]:
    """The words of each area, noun by noun."""
    for path in sorted(PAGES.glob("*/words.yaml")):
        yield from read(path).items()


@functools.cache
def catalogue() -> dict[str, tuple[str, ...]]:
    """All areas read once: `area.key` → the sentences; `unit` is said by the rules, for papers say units too."""
    words = {f"unit.{code}": said for code, said in unit_names.NAMES.items()}
    for area, entries in areas():
        words |= {f"{area}.{key}": tuple(sentences) for key, sentences in entries.items()}
    return words


class _Count(int):
    """A number of a sentence; as `{n:batch|batches}` it says which word goes with it."""

    def __format__(self, form: str) -> str:
        one, several, many = form.partition("|")
        return (one if self == 1 else many) if several else super().__format__(form)


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue in one language; templates know it as `t`."""

    language: Language

    def __call__(self, key: str, **facts: object) -> str:
        """The sentence for `key` with its facts filled in; `n` decides between one and many in English."""
        sentences = catalogue()[key]
        if self.language == "zh":
            sentence = sentences[0]
        elif len(sentences) > 2 and facts.get("n") != 1:
            sentence = sentences[2]
        else:
            sentence = sentences[1]
        counted = {name: _Count(fact) if type(fact) is int else fact for name, fact in facts.items()}
        return sentence.format(**counted) if facts else sentence

    def half(self, both: str) -> str:
        """What the plant's own software wrote in both languages, `中文 / English`, in this one."""
        parts = both.split(" / ")  # a number in it may have the stroke too, and has it in both halves
        middle = len(parts) // 2
        return " / ".join(parts[middle:] if self.language == "en" else parts[:middle]) or both

    def name(self, name: str, name_en: str | None) -> str:
        """Of two names the reader's; where no English one was said, the plant's own."""
        return name_en if self.language == "en" and name_en else name

    def known(self, key: str, fallback: str, **facts: object) -> str:
        """The sentence if the catalogue has one, else `fallback`: for words that come from master data, like units."""
        return self(key, **facts) if key in catalogue() else fallback
