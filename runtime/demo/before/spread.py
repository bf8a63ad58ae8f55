"""How long the demo company's operations take and how its readings vary: by batch, and the same on every machine."""

from datetime import timedelta
from decimal import Decimal
from zlib import crc32

TAKES = {
    "SMT": timedelta(hours=1, minutes=40),
    "ASSY": timedelta(hours=3, minutes=30),
    "MACH": timedelta(hours=4, minutes=50),
    "PASS": timedelta(hours=1, minutes=10),
    "CLEAN": timedelta(minutes=40),
    "SEAL": timedelta(minutes=45),
    "DOSE": timedelta(minutes=20),
    "ATT": timedelta(hours=3, minutes=20),
    "WIND": timedelta(hours=3, minutes=10),
}
"""The least time between the first piece and the last, by the operation's code (`routings.step`)."""


def pick(choices: int, *of: object) -> int:
    """One of 0…choices-1; the same things always pick the same."""
    return crc32("/".join(map(str, of)).encode()) % choices


def takes(code: str, lot_no: str) -> timedelta:
    """How long an operation of a batch took, in whole minutes: up to a twelfth more than the least."""
    least = TAKES[code] // timedelta(minutes=1)
    return timedelta(minutes=least + pick(least // 12 + 1, lot_no, code))


def humidity(lot_no: str) -> str:
    """Relative humidity in %, 40 to 52."""
    return str(40 + pick(13, lot_no, "humidity"))


def acid(lot_no: str) -> str:
    """Nitric acid in the passivating bath in %, 28.0 to 32.0."""
    return f"{Decimal(280 + pick(41, lot_no, 'acid')) / 10:.1f}"


def dose(load_no: str) -> tuple[str, str]:
    """The least and the greatest dose in a load in kGy: 26.0 to 28.0, and a sixth to a quarter more."""
    least = 260 + pick(21, load_no, "dose")
    return f"{Decimal(least) / 10:.1f}", f"{Decimal(least * (117 + pick(8, load_no, 'spread')) // 100) / 10:.1f}"


def gas(load_no: str) -> dict[str, str]:
    """An ethylene oxide cycle: °C in the chamber, relative humidity in %, mg/L, minutes of exposure."""
    return {
        "temperature": f"{Decimal(485 + pick(31, load_no, 'chamber')) / 10:.1f}",
        "humidity": str(55 + pick(11, load_no, "moist")),
        "concentration": str(590 + pick(41, load_no, "gas")),
        "exposure": str(240 + pick(6, load_no, "exposure")),
    }


def temperature(lot_no: str) -> str:
    """In °C, 20.6 to 23.4."""
    return f"{Decimal(206 + pick(29, lot_no, 'temperature')) / 10:.1f}"


def around(value: str, lot_no: str, sample: int) -> str:
    """What was measured on a sample: the value give or take two of its last digit."""
    middle = Decimal(value)
    return f"{middle + (pick(5, lot_no, sample) - 2) * Decimal((0, (1,), int(middle.as_tuple().exponent))):f}"
