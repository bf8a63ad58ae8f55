"""To whom a consignee passed recalled goods on, as it travels with their answer (21 CFR 7.49(d))."""

from decimal import Decimal

from models.kernel.messages import Message


class GoodsReceiver(Message):
    """Somebody who got some, and how they are reached."""

    name: str
    quantity: Decimal
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
