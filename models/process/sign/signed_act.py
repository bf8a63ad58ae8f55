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


SCRAP = SignedAct(
    "dispose_return", "approved", "本人批准报废这些退货", "I approve that these returned goods are scrapped"
)
SCRAP_LOTS = SignedAct(
    "decide_lots", "approved", "本人批准报废这些召回批次", "I approve that these recalled batches are scrapped"
)
LIFT_HOLD = SignedAct("lift_hold", "approved", "本人批准解除此冻结", "I approve lifting this hold")
LIFT_HOLD_ACT = SignedAct(
    "lift_hold_act",
    "approved",
    "本人批准解除此次冻结的全部批次",
    "I approve lifting all that this act of holding holds",
)
LIFT_HOLD_PART = SignedAct(
    "lift_hold_part", "approved", "本人批准解除此数量的冻结", "I approve lifting the hold of this quantity"
)
HAND_OVER = SignedAct(
    "hand_over", "approved", "本人批准变更此事项的负责人", "I approve that this matter gets another owner"
)
