"""`make bench`: every benchmark that ends by itself in a few minutes, one after the other."""

import subprocess
import sys

QUICK = ("engine", "gate_speed", "twins", "storage", "replay")

for name in QUICK:
    print(f"\n== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
