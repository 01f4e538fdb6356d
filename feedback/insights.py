"""The user's five documents, from Postgres: the same for the API and for `ai:*` in Redis. Only what is measured."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.learning import Proposal, ProposalStatus
from feedback.texts import Language, Texts
from storage.repositories.reviews import StoredReview
from storage.repositories.safety import SafetyEvent
from storage.stores import Stores, Transaction

#: The five keys of GET /api/ai-insights and the Redis keys that hold them.
REDIS_KEYS: Mapping[str, str] = {
    "latest_analysis": "ai:latest_analysis",
    "suggested_adjustments": "ai:adjustments",
    "pattern_alerts": "ai:patterns",
    "risk_warnings": "ai:risks",
    "performance_prediction": "ai:prediction",
}
_SUGGESTED = (ProposalStatus.AWAITING_REVIEW, ProposalStatus.UNDECIDED)
#: The sections of a review that the analysis repeats.
_SECTIONS = ("summary", "success_factors", "failure_factors", "strategy_evaluation", "missed_opportunities", "tomorrow")


def publish(stores: Stores, language: Language) -> bool:
    """Put the five documents into Redis; False if it is away (they are there again after the next cycle)."""
    with stores.begin() as tx:
        documents = current(tx, language)
    put = [stores.latest.put(key, documents[name]) for name, key in REDIS_KEYS.items()]
    return all(put)


def current(tx: Transaction, language: Language = "en") -> dict[str, Any]:
    """The five documents. What is not measured yet is null and says why."""
    texts = Texts(language)
    reviews = tx.reviews.list("daily", limit=1)
    return {
        "latest_analysis": _analysis(reviews[0]) if reviews else _unknown(texts, "insight.none"),
        "suggested_adjustments": _adjustments(tx, (p for s in _SUGGESTED for p in tx.proposals.list(status=s))),
        "pattern_alerts": _unknown(texts, "patterns.later"),
        "risk_warnings": _risks(reviews, tx.safety.active()),
        "performance_prediction": _unknown(texts, "prediction.later"),
    }


def _analysis(stored: StoredReview) -> dict[str, Any]:
    review = stored.review
    return {
        "review_id": stored.id,
        "day": review.day.isoformat(),
        "at": review.at.isoformat(),
        "origin": review.origin,
        "note": review.note,
        "reconciled": review.reconciled,
        "discrepancies": list(review.discrepancies),
        "judgeable": review.facts.get("judgeable"),
        "simulated": review.facts.get("simulated"),
        **{section: review.content.get(section) for section in _SECTIONS},
    }


def _adjustments(tx: Transaction, proposals: Iterable[Proposal]) -> list[dict[str, Any]]:
    """In the user's format, one entry per proposal, each with what an approval needs."""
    return [
        {
            "proposal_id": proposal.id,
            "digest": proposal.digest,
            "instance_id": proposal.instance_id,
            "status": str(proposal.status),
            "author": proposal.author,
            "adjustments": {change.parameter: change.after for change in proposal.changes},
            "current": {change.parameter: change.before for change in proposal.changes},
            "adjustments_reason": proposal.reason,
            "confidence": proposal.confidence,
            "verdict": (tx.proposals.verdict(proposal.id) or {}).get("line"),
            "expires_at": proposal.expires_at.isoformat(),
        }
        for proposal in proposals
    ]


def _risks(reviews: Sequence[StoredReview], incidents: Sequence[SafetyEvent]) -> list[dict[str, Any]]:
    warnings: list[dict[str, Any]] = [
        {
            "source": "monitor",
            "incident": incident.incident,
            "severity": incident.severity,
            "instance_id": incident.instance_id,
            "text": incident.text,
            "since": incident.started_at.isoformat(),
        }
        for incident in incidents
    ]
    improvements = reviews[0].review.content.get("risk_improvements", ()) if reviews else ()
    return warnings + [
        {"source": "review", "severity": "info", "text": item["text"], "facts": item["facts"]} for item in improvements
    ]


def _unknown(texts: Texts, key: str) -> dict[str, Any]:
    return {"value": None, "reason": texts.say(key)}
