"""Shorter limits for whoever connects meanwhile: what the engine asks for at the start outweighs a setting of the role."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def limited(engine: Engine, **milliseconds: int) -> Iterator[None]:
    """`with limited(engine, lock_timeout=500): …`; afterwards connections are as before."""

    def shorten(connection: Any, _: object) -> None:
        for name, limit in milliseconds.items():
            connection.execute(f"set {name} = {limit}")
        connection.commit()

    event.listen(engine, "connect", shorten)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", shorten)
        engine.dispose()
