"""`tradeloop probation` in a process of its own, over a pipe."""

import json
import subprocess
import sys


def test_each_line_is_answered_before_the_next_is_sent() -> None:
    given = {"sigma": 1.0, "t": 1, "new": -0.9, "old": 0.0}
    program = [sys.executable, "-m", "service", "probation"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for day in range(30):
            for text in (json.dumps({**given, "series": "a", "t": day}), "nonsense"):
                process.stdin.write(text + "\n")
                process.stdin.flush()
                answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(timeout=30) == 0
    assert [answer["action"] for answer in answers[::2]].count("rollback") > 15
    assert all("error" in answer for answer in answers[1::2])
