"""How a quantity is written, wherever people read one."""

from decimal import Decimal


def plain(quantity: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    return f"{quantity.normalize():f}" if quantity else "0"
