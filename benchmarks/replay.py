"""How long the whole loop takes over thirty recorded days of four perpetuals, and how much memory it needs.

Run with: .venv/bin/python -m benchmarks.replay [CANDLES …]. Target: 180 s on two cores, then 90.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

RECORDED = Path(__file__).parents[2] / "shared" / "data" / "binance_usdm"
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")


def main() -> None:
    """Replay once and print what it took."""
    candles = sys.argv[1:] or [str(RECORDED / symbol / "1m") for symbol in SYMBOLS]
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "service", "replay", "--candles", *candles, "--json"],
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    document = json.loads(done.stdout)
    print(
        f"{document['bars']:,} bars, {document['fills']:,} fills, {document['reviews']} reviews: {seconds:.1f} s wall, "
        f"{used.ru_utime + used.ru_stime:.1f} s CPU, {used.ru_maxrss / 1024:.0f} MB peak"
    )


if __name__ == "__main__":
    main()
