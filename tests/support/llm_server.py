"""A language-model server on loopback that speaks the documented wire formats, with their quirks, by script.

    with LlmServer() as server:
        server.script(ok({"summary": "…"}), rate_limited(retry_after=1))
        client = deepseek_client("key", base_url=server.url)

Answers are taken from the script in order; when it is empty, `default` answers. `/v1/messages` gets Anthropic's
format, every other path OpenAI's. Every request is recorded.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

USAGE = {
    "prompt_tokens": 1000,
    "prompt_cache_hit_tokens": 200,
    "prompt_cache_miss_tokens": 800,
    "completion_tokens": 300,
    "total_tokens": 1300,
}


@dataclass(frozen=True)
class Reply:
    """One scripted answer. `body` replaces the wire format altogether; `trickle_s` sends blank lines that long first.

    `header_trickle_s` sends the header block a line at a time, for as long; `hang_s` says nothing for that time.
    """

    content: str | None = None
    status: int = 200
    finish_reason: str = "stop"
    usage: Mapping[str, Any] | None = field(default_factory=lambda: USAGE)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    trickle_s: float = 0.0
    header_trickle_s: float = 0.0
    hang_s: float = 0.0
    reset: bool = False


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        """All the text that was sent, system text first."""
        texts = [str(self.body.get("system", "")), *(str(m["content"]) for m in self.body["messages"])]
        return "\n".join(text for text in texts if text)


Responder = Callable[[Recorded], Reply]


def ok(document: Any) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False))


def text(content: str) -> Reply:
    """Any content, well-formed or not."""
    return Reply(content)


def fenced(document: Any) -> Reply:
    return Reply(f"```json\n{json.dumps(document)}\n```")


def blank() -> Reply:
    """What DeepSeek sends when the model's text was not JSON: spaces, and `stop` all the same."""
    return Reply(" " * 40)


def cut_by_length(content: str) -> Reply:
    return Reply(content, finish_reason="length")


def failing(status: int, code: str = "error") -> Reply:
    body = json.dumps({"error": {"message": code, "type": code, "param": None, "code": code}}).encode()
    return Reply(status=status, body=body)


def rate_limited(retry_after: str | None = None) -> Reply:
    return Reply(status=429, body=b"{}", headers={"Retry-After": retry_after} if retry_after else {})


def malformed(body: bytes = b"<html>upstream error</html>") -> Reply:
    return Reply(body=body)


def trickling(seconds: float, document: Any) -> Reply:
    """Keep-alive blank lines every 50 ms, then the answer."""
    return Reply(json.dumps(document), trickle_s=seconds)


class LlmServer:
    """The server; `url` is the base URL to configure. `closed_early` counts answers that nobody waited for."""

    def __init__(self, default: Responder | None = None) -> None:
        self.requests: list[Recorded] = []
        self.closed_early = 0
        self._script: deque[Reply] = deque()
        self.default = default
        self._lock = Lock()
        self.stopping = Event()
        self._server = _Server(("127.0.0.1", 0), _handler_for(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def script(self, *replies: Reply) -> None:
        with self._lock:
            self._script.extend(replies)

    def answer_to(self, request: Recorded) -> Reply:
        with self._lock:
            self.requests.append(request)
            if self._script:
                return self._script.popleft()
        return self.default(request) if self.default else failing(500, "script_is_empty")

    def __enter__(self) -> "LlmServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True


def _handler_for(server: LlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            request = Recorded(self.path, dict(self.headers.items()), json.loads(content))
            self.close_connection = True
            try:
                self._send(server.answer_to(request), request)
            except (BrokenPipeError, ConnectionResetError):
                server.closed_early += 1

        def log_message(self, format: str, *args: Any) -> None:
            """Be silent: requests are recorded."""

        def _send(self, reply: Reply, request: Recorded) -> None:
            server.stopping.wait(reply.hang_s)
            if reply.reset:
                return
            self._head(reply)
            self._repeat(b"\n", reply.trickle_s)
            self.wfile.write(reply.body if reply.body is not None else _wire(reply, request))

        def _head(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.send_header("x-ds-trace-id", f"trace-{len(server.requests)}")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.flush_headers()
            self._repeat(b"x-wait: 1\r\n", reply.header_trickle_s)
            self.end_headers()

        def _repeat(self, chunk: bytes, seconds: float) -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end and not server.stopping.wait(0.05):
                self.wfile.write(chunk)
                self.wfile.flush()

    return Handler


def _wire(reply: Reply, request: Recorded) -> bytes:
    document = _anthropic(reply) if request.path.endswith("/v1/messages") else _openai(reply, request)
    return json.dumps(document).encode()


def _openai(reply: Reply, request: Recorded) -> dict[str, Any]:
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "model": request.body["model"],
        "system_fingerprint": "fp_test",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.content},
                "finish_reason": reply.finish_reason,
            }
        ],
        "usage": reply.usage,
    }


def _anthropic(reply: Reply) -> dict[str, Any]:
    stop = {"stop": "end_turn", "length": "max_tokens"}.get(reply.finish_reason, reply.finish_reason)
    return {
        "type": "message",
        "model": "claude-test",
        "content": [{"type": "text", "text": reply.content}],
        "stop_reason": stop,
        "usage": {"input_tokens": 800, "output_tokens": 300, "cache_read_input_tokens": 200},
    }
