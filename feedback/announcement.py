"""The message that a finished report goes out with."""

from pathlib import Path

from core.ports import Message
from core.story import DailyStory
from feedback.texts import Language, Texts


def announcement_of(story: DailyStory, report: Path) -> Message:
    """One message per kind and day; the figures in it are facts, the text is the review's summary."""
    language: Language = "ko" if story.language == "ko" else "en"
    texts = Texts(language)
    title = texts.say(f"message.{story.kind}", day=story.facts.day.isoformat())
    mark = f" [{texts.say('message.simulated')}]" if story.facts.simulated else ""
    summary = [item["text"] for item in story.review.content.get("summary", ())]
    return Message(
        key=f"{story.kind}:{story.facts.day.isoformat()}",
        title=title + mark,
        text="\n".join(summary) or story.review.note,
        link=str(report),
        severity="info" if story.facts.judgeable else "warning",
        day=story.facts.day,
        fields=_fields(story, texts),
    )


def _fields(story: DailyStory, texts: Texts) -> dict[str, str]:
    total = story.facts.total
    unknown = texts.say("message.no_value")
    return {
        texts.say("message.pnl"): f"{total.net_pnl:+,.2f}",
        texts.say("message.trades"): str(total.trades),
        texts.say("message.win_rate"): unknown if total.win_rate is None else f"{100 * total.win_rate:.1f} %",
        texts.say("message.waiting"): str(len(story.tomorrow.waiting)),
    }
