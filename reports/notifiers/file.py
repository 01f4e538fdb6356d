"""Messages into a file of the home, one JSON document per line: the channel of those who have set up no other."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unavailable
from core.ports import Message


@dataclass(frozen=True, slots=True)
class FileNotifier:
    """Appends to `path`. A message that is already there is marked as a repeat, like anywhere else."""

    path: Path
    channel: str = "file"

    def send(self, message: Message) -> None:
        """Append one line; raises Unavailable when the disk refuses."""
        line = json.dumps({**message.as_document(), "repeat": message.repeat}, ensure_ascii=False)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise Unavailable(f"The message file cannot be written: {error.strerror}.", field="path") from error
