"""Words in both languages: the one type for what a person reads in Chinese or in English (DESIGN 3, 5).

It is a pair, Chinese first, so that it unpacks (`zh, en = text`), compares and is written as one.
"""

from typing import NamedTuple, Self


class Text(NamedTuple):
    """Whole words or a whole sentence, in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """In `zh`, or in English for any other language; what is missing in one is said in the other."""
        return (self.zh or self.en) if language.startswith("zh") else (self.en or self.zh)

    def filled(self, **facts: object) -> Self:
        """With its placeholders filled in: `{lot}` in both languages."""
        return self._replace(zh=self.zh.format(**facts), en=self.en.format(**facts))

    @property
    def both(self) -> str:
        """For who may read either: `件 pcs`, and what is the same in both languages once."""
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}".strip()
