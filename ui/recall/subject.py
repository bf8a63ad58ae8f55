"""A recall has its cockpit."""

from ui.recall.view.list import href
from ui.subject.shown import Shown

SHOWN = {"recall": Shown(own=href)}
