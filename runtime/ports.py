"""Free TCP ports on the loopback interface, and what a client of one needs."""

import errno
import socket
import ssl

LOOPBACK = "127.0.0.1"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP on this machine: by itself, httpx reads all certificates of the world for each client
(40 ms), and who waits for a server makes one ten times a second.  It trusts nobody."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether we could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: without it, connections of the last run in TIME_WAIT would look like a taken port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
        return True


def free_port(avoid: set[int] | None = None) -> int:
    """A port nobody listens on.  Somebody may take it before we do; whoever starts a server there tries again."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        if port not in (avoid or set()):
            return port


def answers(port: int, host: str = LOOPBACK, seconds: float = 1.0) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False
