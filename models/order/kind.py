"""The document that an order works by, as what can change (REQUIREMENTS 45)."""

from models.kernel.text import Text
from models.process.changeable import Changeable
from models.process.kind import Kind

KINDS: tuple[Kind, ...] = ()
CHANGES = (
    Changeable(
        "document",
        Text("工艺文件", "Document"),
        "select document as number, document as title, document as title_en from work_order where document = :number limit 1",
    ),
)
