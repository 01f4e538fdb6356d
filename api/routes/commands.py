"""What became of a command."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.control import CommandOut, CommandPath

api = resource("commands", "Start, stop, policy and manual orders on their way.")


@api.get("/api/commands/<int:command_id>", responses={200: CommandOut})
def command(path: CommandPath) -> Response:
    """One command: waiting, taken, done or failed, with its result."""
    with here().stores.begin() as tx:
        found = tx.commands.get(path.command_id)
    return answer(CommandOut.model_validate(found))
