"""The parts of the headless demo (`batchwright demo --part`)."""

from enum import StrEnum


class Part(StrEnum):
    """What can be played by itself."""

    MAIN = "main"
    DRILL = "drill"
    EVENTS = "events"
