"""The real web server around an application, in a thread, on a free port."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from tests.support.waits import waiting

END_SECONDS = 1
"""How long an answer that is under way may take when the server is told to end."""


class _Prompt(uvicorn.Server):
    """Ends when it is told to.

    uvicorn looks ten times a second whether it shall and whether it may: nothing for a server that runs for months, but a
    fifth of a second for each of the hundreds of tests that have one of their own.
    """

    async def main_loop(self) -> None:
        """Until it is told to end; once a second it sets the time that answers carry."""
        self.told = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - closed by who opened it
        """Take no more, finish what is under way, end."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = self.loop.time() + END_SECONDS
        state = self.server_state
        while (state.connections or state.tasks) and self.loop.time() < deadline:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.005)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    def end(self) -> None:
        """Tell it to, from another thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self.told.set)


@contextlib.contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve `app`; answers its address."""
    # With the protocol named, asyncio sends each answer at once, as it does for the address that the API is given in life;
    # otherwise the system holds the second part of every answer back for 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="critical", access_log=False)
        server = _Prompt(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        with waiting("a web server starts"):
            _started(server, thread)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with waiting("a web server ends"):
            server.end()
            thread.join(10)


def _started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server ended at once"
        assert time.monotonic() < deadline, "the server didn't start"
        time.sleep(0.005)
