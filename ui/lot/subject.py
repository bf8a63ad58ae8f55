"""A batch has a page of its own."""

from ui.frame.parts import lot_href
from ui.subject.shown import Shown

SHOWN = {"lot": Shown(own=lot_href)}
