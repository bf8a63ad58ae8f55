"""When Python looks for rubbish: seldom, and never among what was imported, which stays as long as the process.

By default it looks after each 700 new objects, and a start makes hundreds of thousands that all stay: a fifth to a half of
the processor time of a start went into looking at them over and over, and a tenth of that of every act.
"""

import gc

SELDOM = (50_000, 20, 20)
"""After how many new objects it looks at them, and after how many looks it looks at the older ones too."""


def look_seldom() -> None:
    """For the beginning of a process, before it imports much."""
    gc.set_threshold(*SELDOM)


def leave_out_what_is_there() -> None:
    """For the end of a start: what is there now isn't looked at again."""
    gc.collect()
    gc.freeze()
