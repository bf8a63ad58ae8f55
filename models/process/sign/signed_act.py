"""Acts that are signed without a task: what they are called and what their signature means (21 CFR 11.50(a)(3))."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignedAct:
    """An act that takes a signature of its own: its name, the meaning that is signed, and that meaning in words."""

    act: str
    meaning: str
    zh: str
    en: str

    def title(self, language: str) -> str:
        """The meaning as the signer reads it."""
        return self.zh if language.startswith("zh") else self.en


HAND_OVER = SignedAct(
    "hand_over", "approved", "本人批准变更此事项的负责人", "I approve that this matter gets another owner"
)
