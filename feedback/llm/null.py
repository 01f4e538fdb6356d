"""The client without a key: reviews are then written from facts and patterns alone."""

from dataclasses import dataclass

from feedback.llm.client import LlmAnswer, LlmRequest, NotConfigured, Quote


@dataclass(frozen=True, slots=True)
class NullClient:
    """Answers nothing and sends nothing."""

    provider: str = "none"
    model: str = "none"

    def quote(self, request: LlmRequest) -> Quote:
        raise NotConfigured(remedy="Set DEEPSEEK_API_KEY, or another provider and its key.")

    def complete(self, request: LlmRequest) -> LlmAnswer:
        raise NotConfigured(remedy="Set DEEPSEEK_API_KEY, or another provider and its key.")
