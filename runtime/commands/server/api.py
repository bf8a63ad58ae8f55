"""`batchwright api`: the API and the pages as one process; on servers behind a proxy, run several."""

import typer

from runtime.commands.options import HomeOption, HostOption, PortOption, TlsOption, settings_for


def register(app: typer.Typer) -> None:
    """Add the verb."""

    @app.command()
    def api(
        home: HomeOption = None,
        port: PortOption = None,
        host: HostOption = None,
        tls: TlsOption = None,
    ) -> None:
        """Serve the API and the pages / 启动接口与页面."""
        from runtime import tls as https

        given = settings_for(home, port, host, tls)
        https.check(given)

        import uvicorn

        from runtime import rubbish
        from runtime.stack import SERVERS
        from runtime.supervisor import running_stack
        from ui.frame.app import create_app

        with running_stack(given, SERVERS) as stack:
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
                **https.served(settings),
            )
