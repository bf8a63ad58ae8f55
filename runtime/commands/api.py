"""`batchwright api`: the API and the pages as one process; on servers behind a proxy, run several."""

from typing import Annotated

import typer

from runtime.commands.options import HomeOption, PortOption, settings_for


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def api(
        home: HomeOption = None,
        port: PortOption = None,
        host: Annotated[str | None, typer.Option("--host", help="Address to listen on. / 监听地址")] = None,
    ) -> None:
        """Serve the API and the pages / 启动接口与页面."""
        import uvicorn

        from runtime import rubbish
        from runtime.stack import SERVERS
        from runtime.supervisor import running_stack
        from ui.app import create_app

        with running_stack(settings_for(home, port, host), SERVERS) as stack:
            settings = stack.settings
            app = create_app(settings)
            rubbish.leave_out_what_is_there()
            uvicorn.run(
                app,
                host=settings.host,
                port=settings.port,
                log_level=settings.log_level,
                # Live pages hold a connection open for ever; they connect again by themselves.
                timeout_graceful_shutdown=3,
                access_log=settings.log_level == "debug",
                server_header=False,
            )
