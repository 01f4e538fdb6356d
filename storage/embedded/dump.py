"""A whole database as one file and back, by PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.errors import Unavailable
from storage.embedded.binaries import postgres_folder
from storage.embedded.probe import libpq_url


def dump(database_url: str, file: Path) -> None:
    """Write the database, as it is at one moment, to `file`; raises Unavailable with pg_dump's words."""
    _run("pg_dump", database_url, "--format=custom", "--file", str(file))


def load(file: Path, database_url: str) -> None:
    """Fill an empty database from `file`; raises Unavailable with pg_restore's words at the first difficulty."""
    _run("pg_restore", database_url, "--exit-on-error", str(file))


def _run(program: str, database_url: str, *arguments: str) -> None:
    """Run one of the programs on a database; its password goes by the environment, where `ps` does not show it."""
    target = conninfo_to_dict(libpq_url(database_url))
    password = target.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    finished = subprocess.run(  # noqa: S603 - a list of arguments, no shell
        [
            postgres_folder() / program,
            "--no-owner",
            "--no-privileges",
            "--dbname",
            make_conninfo("", **target),
            *arguments,
        ],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | secret,
    )
    if finished.returncode:
        raise Unavailable(f"{program} failed: {finished.stderr.decode(errors='replace').strip()}")
