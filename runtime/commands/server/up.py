"""`batchwright up`: everything on this machine until Ctrl-C."""

import importlib
import logging
import signal
import ssl
import sys
import threading
import time
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from runtime.commands.options import HomeOption, HostOption, PortOption, TlsOption, settings_for
from runtime.process import Child, Program

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
        host: HostOption = None,
        tls: TlsOption = None,
        demo: Annotated[
            bool, typer.Option(help="Load the demo company into an empty database. / 空库时载入演示公司")
        ] = True,
        test: Annotated[
            bool, typer.Option("--test", help="Make a new data folder a test home, whose clock can be moved. / 测试库")
        ] = False,
    ) -> None:
        """Start everything on this machine; Ctrl-C stops it / 启动全部服务."""
        from runtime import tls as https
        from runtime.stack import Stack
        from runtime.supervisor import Supervisor

        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        given = settings_for(home, port, host, tls)
        https.check(given)
        stack = Stack(given, test=test)
        with stack.home.locked():
            supervisor = Supervisor(stack, lambda name: _say(f"  … {PARTS[name]}"))
            loading: Child | None = None
            try:
                signal.signal(signal.SIGINT, _request_stop)
                signal.signal(signal.SIGTERM, _request_stop)
                stack.choose_api_port()  # before anything is made on the disk
                _say(f"Batchwright · {stack.home.path}")
                supervisor.start()
                loading = _load_demo(stack) if demo and _demo_company().is_wanted(stack.settings) else None
                _wait_until_ready(stack.api_url, https.client(stack.settings))
                people = _demo_company().people(stack.settings) if demo else ()
                _welcome(stack, people)
                if loading is None and not people:
                    _first_steps(stack)
                if loading is not None and people:
                    threading.Thread(target=_say_when_loaded, args=(stack, loading), daemon=True).start()
                supervisor.watch(threading.Event())
            except _StopRequested:
                _say("\nStopping; nothing is lost. / 正在停止，数据不会丢失。")
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if loading is not None:
                    loading.stop()  # the next start goes on where it was
                supervisor.stop()
        _say("Stopped. / 已停止。")

    @app.command(name="load-demo", hidden=True)
    def load_demo() -> None:
        """Load the demo company if the database is empty; `up` calls it with the addresses in the environment."""
        from runtime.settings import Settings

        _demo_company().load(Settings())


def _demo_company() -> Any:
    """Imported late: it drags in the whole application, and most runs don't load it."""
    return importlib.import_module("runtime.demo.load")


def _request_stop(*_: object) -> NoReturn:
    # Once is enough: a second signal must not interrupt the orderly stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _StopRequested


def _say(text: str) -> None:
    print(text, flush=True)


def _load_demo(stack: Any) -> Child:
    """Load in a process of its own, while the pages are open already."""
    from runtime.stack import ROOT

    return Child(
        Program(
            name="demo",
            argv=[sys.executable, "-m", "cli", "load-demo"],
            log=stack.home.logs / "demo.log",
            env=stack.child_environment(),
            cwd=ROOT,
        )
    )


def _say_when_loaded(stack: Any, loading: Child) -> None:
    """Tell the end of loading; a load that we stopped ourselves is no news."""
    if loading.alive:
        _say("  … 演示批次正在载入, 已可登录 / the demo's batches are being loaded; you can log in already")
    while loading.alive:
        time.sleep(0.3)
    if loading.exit_status == 0:
        _say("  演示公司已就绪 / the demo company is complete")
    elif (loading.exit_status or 0) > 0:
        _say(f"  ! demo company failed, see {stack.home.logs / 'demo.log'} / 演示公司载入失败")


def _wait_until_ready(api_url: str, trusted: ssl.SSLContext, seconds: float = 30) -> None:
    """Give worker and API a moment to meet, then name what isn't ready; it's no reason to stop."""
    import httpx

    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(f"{api_url}/readyz", timeout=10, trust_env=False, verify=trusted)
            if answer.is_success:
                return
            reason = answer.text
        except httpx.HTTPError as error:
            reason = str(error)
        if time.monotonic() > deadline:
            _say(f"  ! not ready yet / 尚未就绪: {reason}")
            return
        time.sleep(0.3)


def _first_steps(stack: Any) -> None:
    """Where there is no plant yet, say where it is founded and by which code; whoever reads this is at the server."""
    from models.kernel.store.act import reading
    from models.kernel.store.db import engine
    from models.plant.rules.founding import key
    from models.plant.store.founded import founded

    connected = engine(str(stack.settings.database_url), pool_size=1, tables=False)
    try:
        with reading(connected) as session:
            if founded(session):
                return
    finally:
        connected.dispose()
    code = key(stack.child_environment()["BATCHWRIGHT_SECRET"].encode())
    _say(f"  这里还没有工厂 / no plant here yet: {stack.api_url}/found\n  建厂码 / founding code: {code}\n")


def _welcome(stack: Any, people: Sequence[Any]) -> None:
    line = "─" * 72
    _say(line)
    _say(f"  {stack.api_url}     打开此地址 / open this address")
    if stack.temporal and stack.temporal.ui_url:
        _say(f"  {stack.temporal.ui_url}     Temporal (engineers / 工程师)")
    if people:
        _say(f"\n  演示人员 / demo people, password 密码: {_demo_company().PASSWORD}")
        for person in people:
            _say(f"    {person.login:<16} {person.name} {person.name_en}  {person.role_zh} / {person.role_en}")
    _say(f"\n  日志 / logs: {stack.home.logs}     Ctrl-C 停止 / stops")
    _say(line)
