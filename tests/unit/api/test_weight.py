"""Serving readings needs neither the loop nor the gate's statistics: an API process starts in a second or two."""

import subprocess
import sys

import pytest

HEAVY = ("arch", "pandas", "matplotlib", "backtesting", "feedback.loop", "feedback.gate.gate", "apscheduler")


@pytest.mark.parametrize("module", ["api.app", "service.commands.api"])
def test_the_api_loads_without_the_loop_and_its_statistics(module: str) -> None:
    question = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    answered = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert answered.stdout.strip() == "[]"
