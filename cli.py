"""The `batchwright` command: finds the verbs in `runtime/commands` and says "no" in two languages.

Exit status 0 only when it worked, 1 for a "no" with its reason on stderr, 2 for a wrong command line (DESIGN 12).
"""

import importlib
import os
import pkgutil
import sys

import typer

from models.kernel.refusal import Refusal
from runtime import commands, rubbish
from runtime.home import HomeInUseError
from runtime.process import StartError


def build() -> typer.Typer:
    """The command with every verb."""
    app = typer.Typer(
        name="batchwright",
        help="Keeps the batches of a medical-device maker under control. / 医疗器械批次管理",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    verbs = [one.name for one in pkgutil.walk_packages(commands.__path__, f"{commands.__name__}.") if not one.ispkg]
    for verb in sorted(verbs, key=lambda name: name.rpartition(".")[2]):
        importlib.import_module(verb).register(app)
    return app


def main() -> None:
    """Run one verb and end."""
    rubbish.look_seldom()
    try:
        status = build()(standalone_mode=False) or 0
    except Refusal as refusal:
        print(f"{refusal.code}: {refusal.zh}\n{refusal.code}: {refusal.en} ({refusal.clause})", file=sys.stderr)
        status = 1
    except (StartError, HomeInUseError) as error:
        print(error, file=sys.stderr)
        status = 1
    except typer.Abort:
        status = 130
    except Exception as error:
        # Click's own complaints about the command line know how to show themselves.
        if not hasattr(error, "show"):
            raise
        error.show()
        status = int(getattr(error, "exit_code", 2))
    end(status if isinstance(status, int) else 0)


def end(status: int) -> None:
    """End the process.

    A short-lived process that used a Temporal client can crash while the interpreter shuts down, after its work is
    done (open in the SDK since 2023), so after flushing we leave without that shutdown.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio.bridge" in sys.modules:
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
