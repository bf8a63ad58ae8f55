"""Who really asked: a command carries the seal of the session that it came from (21 CFR 11.10(d), (g); DESIGN 2.8).

Temporal delivers whatever reaches it.  The seal is an HMAC over the whole command under the secret of a session, which
only the API and the record know: who reaches Temporal alone can neither make a command in another's name nor change one
on its way.  Who has no account answers by the link in their notice, and the command line by the server's secret: their
seals are made with those.  No secret itself travels.
"""

import hmac
from hashlib import sha256
from typing import Any


def seal_of(command: Any, key: str) -> str:
    """The seal of a command as it is, whatever seal it carries.

    Fields at their defaults stay out, so a command of before a field existed keeps its seal.
    """
    bare = command.model_copy(update={"by": command.by.model_copy(update={"seal": None})})
    said = f"{type(command).__name__}:{bare.model_dump_json(exclude_defaults=True)}"
    return hmac.new(key.encode(), said.encode(), sha256).hexdigest()


def key_of_service(secret: bytes, actor_id: str) -> str:
    """What a part of the software that acts by itself seals with: whoever has the server's secret runs the server."""
    return hmac.new(secret, f"service:{actor_id}".encode(), sha256).hexdigest()


def sealed(command: Any) -> Any:
    """The command with its seal, where it came through a session, a link, or from the server's own command line."""
    by = command.by
    if not by.key:
        return command
    return command.model_copy(update={"by": by.model_copy(update={"seal": seal_of(command, by.key)})})


def is_sealed(command: Any, key: str) -> bool:
    """Whether the command carries the right seal; the comparison takes the same time whatever it carries."""
    return bool(command.by.seal) and hmac.compare_digest(command.by.seal, seal_of(command, key))
