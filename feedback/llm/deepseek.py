"""DeepSeek: chat completions with thinking switched off explicitly.

Its models think by default, which eats `max_tokens` and leaves the content empty; and with thinking on, temperature
has no effect. The unversioned model name may change behaviour: each answer records `model` and fingerprint.
"""

from feedback.llm.openai_compatible import ChatClient, Dialect

BASE_URL = "https://api.deepseek.com"
MODEL = "deepseek-flash"

DEEPSEEK = Dialect("deepseek", trace_header="x-ds-trace-id", extra={"temperature": 0, "thinking": {"type": "disabled"}})


def deepseek_client(api_key: str, model: str = MODEL, base_url: str = BASE_URL) -> ChatClient:
    """A client for DeepSeek's OpenAI-format endpoint."""
    return ChatClient(DEEPSEEK, base_url, model, api_key)
