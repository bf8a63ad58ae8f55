"""What a bill of material may say, whoever writes it: what one piece of a product takes (ISO 13485 7.5.1; 21 CFR 820.181)."""

from collections.abc import Collection

from models.kernel.refusal import Kind

_CLAUSE = "ISO 13485 7.5.1; 21 CFR 820.181"
BOUGHT = Kind(
    "BOM-001",
    _CLAUSE,
    "{product} 是外购原料，没有物料清单。",
    "{product} is raw material that is bought; it has no bill of material.",
    422,
)
CIRCLE = Kind(
    "BOM-002",
    _CLAUSE,
    "{component} 就是 {product}，或本身由 {product} 制成，不能作为它的用料。",
    "{component} is {product}, or is made of it, and can't be a material of it.",
    422,
)
TWICE = Kind(
    "BOM-003",
    _CLAUSE,
    "{component} 已在 {product} 的物料清单中。",
    "{component} is on the bill of material of {product} already.",
)


def check_line(product: str, kind: str, component: str, on_bill: Collection[str], made_of: Collection[str]) -> None:
    """Refuse a line: `on_bill` is what the product's bill has, `made_of` all that the component is made of, at any depth."""
    if kind == "raw":
        raise BOUGHT(product=product)
    if component == product or product in made_of:
        raise CIRCLE(product=product, component=component)
    if component in on_bill:
        raise TWICE(product=product, component=component)
