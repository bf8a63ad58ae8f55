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
        "select w.document, coalesce(w.document_version, ''), w.lot_id from work_order w where w.document is not null and w.lot_id is not null"
        " union all select r.document, coalesce(r.document_version, ''), r.lot_id from operation_run r where r.document is not null",
    ),
)
