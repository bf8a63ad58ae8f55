"""Change one's password: by wish, or because an administrator set it (21 CFR 11.300(b))."""

from dataclasses import dataclass
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.render import Nav


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage:
    """Present and new password, each typed; none is ever sent back."""

    template: ClassVar[str] = "person/password.html"
    nav: ClassVar[Nav | None] = None

    must: bool = False
    certify: str = ""
    """Whose name is to be confirmed, where it wasn't yet."""
    typed_name: str = ""
    binding: bool = False
    least: int = 8
    refusal: Refusal | None = None
