"""What those who are told do with the goods, down to whom (21 CFR 806.2, 7.3, 7.42(b)(1); 医疗器械召回管理办法).

A correction leaves the goods where they are, a removal takes them away; the depth says down to whom consignees are told.
"""

from dataclasses import dataclass

from models.kernel.text import Text

ACTIONS: dict[str, Text] = {
    "correction": Text("纠正 (产品留在原处)", "correction (the goods stay where they are)"),
    "removal": Text("撤回 (产品取走)", "removal (the goods are taken away)"),
}
MEASURES: dict[str, Text] = {
    "warning": Text("警示", "warning"),
    "inspection": Text("检查", "inspection"),
    "repair": Text("修理", "repair"),
    "relabel": Text("重新标签", "relabelling"),
    "software": Text("软件更新", "software update"),
    "replace": Text("替换", "replacement"),
    "take_back": Text("收回", "taking back"),
    "destroy": Text("销毁", "destruction"),
}
"""The measures that 医疗器械召回管理办法 names; they are the types of a field safety corrective action too."""
DEPTHS: dict[str, Text] = {
    "user": Text("使用单位和患者", "users and consumers"),
    "retail": Text("零售", "retail"),
    "wholesale": Text("经营批发", "wholesale"),
}
"""21 CFR 7.42(b)(1): each depth takes in those above it."""


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done with the goods and down to whom; None where nobody said."""

    action: str | None
    measure: str | None
    depth: str | None

    def as_dict(self) -> dict[str, str | None]:
        """The wire form."""
        return {"action": self.action, "measure": self.measure, "depth": self.depth}


UNSAID = Handling(None, None, None)
