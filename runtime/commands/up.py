"""`batchwright up`: everything on this machine until Ctrl-C."""

import importlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Annotated, Any, NoReturn

import typer

from runtime.commands.options import HomeOption, PortOption, settings_for

PARTS = {
    "postgres": "PostgreSQL 数据库",
    "temporal": "Temporal 流程引擎",
    "worker": "worker 流程执行",
    "api": "API + pages 接口与页面",
}


class _StopRequested(BaseException):
    """SIGINT or SIGTERM; no `Exception`, so that nothing on the way swallows it."""


def register(app: typer.Typer) -> None:
    """Add the verbs."""

    @app.command()
    def up(
        home: HomeOption = None,
        port: PortOption = None,
        demo: Annotated[
            bool, typer.Option(help="Load the demo company into an empty database. / 空库时载入演示公司")
        ] = True,
    ) -> None:
        """Start everything on this machine; Ctrl-C stops it / 启动全部服务."""
        from runtime.stack import Stack
        from runtime.supervisor import Supervisor

        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        stack = Stack(settings_for(home, port))
        with stack.home.locked():
            supervisor = Supervisor(stack, lambda name: _say(f"  … {PARTS[name]}"))
            try:
                signal.signal(signal.SIGINT, _request_stop)
                signal.signal(signal.SIGTERM, _request_stop)
                stack.choose_api_port()  # before anything is made on the disk
                _say(f"Batchwright · {stack.home.path}")
                supervisor.start()
                people = _load_demo(stack) if demo else []
                _wait_until_ready(stack.api_url)
                _welcome(stack, people)
                supervisor.watch(threading.Event())
            except _StopRequested:
                _say("\nStopping; nothing is lost. / 正在停止，数据不会丢失。")
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                supervisor.stop()
        _say("Stopped. / 已停止。")

    @app.command(name="load-demo", hidden=True)
    def load_demo() -> None:
        """Load the demo company if the database is empty; `up` calls it with the addresses in the environment."""
        from runtime.settings import Settings

        _demo_company().load(Settings())


def _demo_company() -> Any:
    """Imported late: it drags in the whole application, and most runs don't load it."""
    return importlib.import_module("runtime.demo_company")


def _request_stop(*_: object) -> NoReturn:
    # Once is enough: a second signal must not interrupt the orderly stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _StopRequested


def _say(text: str) -> None:
    print(text, flush=True)


def _load_demo(stack: Any) -> list[Any]:
    """Load in a process of its own and say who can log in."""
    argv = [sys.executable, "-m", "cli", "load-demo"]
    environment = {**os.environ, **stack.child_environment()}
    with (stack.home.logs / "demo.log").open("ab") as log:
        done = subprocess.run(argv, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode != 0:
        _say(f"  ! demo company failed, see {stack.home.logs / 'demo.log'} / 演示公司载入失败")
    return list(_demo_company().PEOPLE)


def _wait_until_ready(api_url: str, seconds: float = 30) -> None:
    """Give worker and API a moment to meet, then name what isn't ready; it's no reason to stop."""
    import httpx

    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(f"{api_url}/readyz", timeout=10, trust_env=False)
            if answer.is_success:
                return
            reason = answer.text
        except httpx.HTTPError as error:
            reason = str(error)
        if time.monotonic() > deadline:
            _say(f"  ! not ready yet / 尚未就绪: {reason}")
            return
        time.sleep(0.3)


def _welcome(stack: Any, people: list[Any]) -> None:
    line = "─" * 72
    _say(line)
    _say(f"  {stack.api_url}     打开此地址 / open this address")
    if stack.temporal and stack.temporal.ui_url:
        _say(f"  {stack.temporal.ui_url}     Temporal (engineers / 工程师)")
    if people:
        _say(f"\n  演示人员 / demo people, password 密码: {_demo_company().PASSWORD}")
        for person in people:
            _say(f"    {person.login:<16} {person.name}  {person.role_zh} / {person.role_en}")
    _say(f"\n  日志 / logs: {stack.home.logs}     Ctrl-C 停止 / stops")
    _say(line)
