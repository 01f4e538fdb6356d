"""A script for fault tests: a supervisor of a home with small children of its own.

    python -m tests.support.supervised HOME [CHILD…]

Children: `quiet` sleeps, `web` serves HTTP, `stubborn` ignores SIGTERM, `failing` ends at once.
"""

import socket
import sys
from pathlib import Path

from service.processes import ChildSpec
from service.supervisor import Supervisor
from storage.embedded.home import Home

SLEEP = "import time; time.sleep(600)"
IGNORE = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); "


def child(name: str, home: Home) -> ChildSpec:
    """The named child."""
    match name:
        case "quiet":
            return ChildSpec("trader", [sys.executable, "-c", SLEEP])
        case "web":
            url = f"http://127.0.0.1:{free_port()}"
            serve = [sys.executable, "-m", "http.server", url.rpartition(":")[2], "--bind", "127.0.0.1"]
            return ChildSpec("api", serve, ready=url, url=url)
        case "stubborn":
            deaf = home.logs / "stubborn.log"
            return ChildSpec("stubborn", [sys.executable, "-c", IGNORE + SLEEP], ready=lambda: deaf.stat().st_size > 0)
        case _:
            return ChildSpec("failing", [sys.executable, "-c", "raise SystemExit(3)"])


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    owned = Home(Path(sys.argv[1]))
    children = [child(name, owned) for name in sys.argv[2:]]
    Supervisor(owned, children, announce=lambda: print("ready", flush=True)).run()
