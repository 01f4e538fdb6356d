"""A script between us and a child process: drop root, ask to die with the parent, become the program.

    python -I -S launch.py PARENT_PID DEATH_SIGNAL UID:GID|- PROGRAM [ARGUMENT…]

It is a program of its own because code between fork and exec may deadlock in a process that has threads. The
parent-death signal has to come after the change of user, which clears it, and exists on Linux only; elsewhere the
next start of the home stops what was left over.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 127


def main(arguments: list[str]) -> None:
    """Never returns: the process becomes PROGRAM, or ends."""
    parent, death_signal, account, *program = arguments
    if account != "-":
        become(*map(int, account.split(":")))
    if sys.platform == "linux":
        die_with(int(parent), int(death_signal))
    try:
        os.execv(program[0], program)  # noqa: S606 - the point of this script
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


def become(uid: int, gid: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, death_signal: int) -> None:
    """Have the kernel send `death_signal` when the parent ends; end now if it already has."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main(sys.argv[1:])
