"""The command line: one file per command in service/commands, loaded only when it is called."""

import sys
from importlib import import_module

import click

from core.errors import InvalidInput, TradeloopError, UnknownName

#: Command -> the module in service/commands that holds it as `command`.
COMMANDS: dict[str, str] = {
    "run": "run",
    "replay": "replay",
    "backtest": "backtest",
    "gate": "gate",
    "probation": "probation",
    "review": "review",
    "proposals": "proposals",
    "params": "params",
    "report": "report",
    "feedback": "feedback",
    "keys": "keys",
    "kill-switch": "kill_switch",
    "backup": "backup",
    "restore": "restore",
    "doctor": "doctor",
    "migrate": "migrate",
    "trader": "trader",
    "worker": "worker",
    "api": "api",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"service.commands.{COMMANDS[cmd_name]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(str(UnknownName.among("command", args[0], COMMANDS)), ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradeloop")
def tradeloop() -> None:
    """A learning loop for trading strategies: review, propose, judge, approve, prove, roll back."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 failed, 2 wrong usage."""
    try:
        tradeloop.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except TradeloopError as error:
        click.echo(f"tradeloop: {error}", err=True)
        sys.exit(2 if isinstance(error, InvalidInput) else 1)
