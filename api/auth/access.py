"""The one table of routes and the scope each needs. A route that is not listed is refused, and a test finds it."""

from collections.abc import Mapping

from api.auth.scopes import Scope

PUBLIC: frozenset[str] = frozenset(
    {
        "GET /api/health",
        "GET /login",
        "POST /login",
        "POST /api/auth/login",
        "GET /static/<path:filename>",
    }
)

SCOPES: Mapping[str, Scope] = {
    "GET /": "read",
    "POST /logout": "read",
    "POST /today/approve": "approve",
    "POST /today/decline": "approve",
    "POST /today/feedback": "approve",
    "POST /today/kill-switch": "read",
    "POST /api/auth/logout": "read",
    "GET /metrics": "read",
    "GET /openapi/openapi.json": "read",
    "GET /api/ai-insights": "read",
    "POST /api/ai-feedback": "approve",
    "GET /api/ai-feedback": "read",
    "GET /api/proposals": "read",
    "GET /api/proposals/<proposal_id>": "read",
    "POST /api/proposals/<proposal_id>/approve": "approve",
    "POST /api/proposals/<proposal_id>/decline": "approve",
    "POST /api/proposals/<proposal_id>/override": "control",
    "GET /api/strategies": "read",
    "GET /api/strategies/<instance_id>": "read",
    "GET /api/strategies/<instance_id>/parameters": "read",
    "GET /api/strategies/<instance_id>/parameters/history": "read",
    "POST /api/strategies/<instance_id>/parameters": "approve",
    "POST /api/strategies/<instance_id>/rollback": "approve",
    "POST /api/strategies/<instance_id>/policy": "control",
    "GET /api/trades": "read",
    "POST /api/trades": "approve",
    "GET /api/trades/<trade_id>": "read",
    "GET /api/decisions": "read",
    "GET /api/decisions/<symbol>": "read",
    "GET /api/positions": "read",
    "GET /api/orders": "read",
    "GET /api/orders/open": "read",
    "GET /api/balances": "read",
    "GET /api/pnl": "read",
    "GET /api/safety-events": "read",
    "GET /api/status": "read",
    "GET /api/events": "read",
    "GET /api/kpi": "read",
    "GET /api/reviews": "read",
    "GET /api/patterns": "read",
    "GET /api/reports/<kind>/<date>": "read",
    "GET /api/commands/<int:command_id>": "read",
    "POST /api/trading/start": "control",
    "POST /api/trading/stop": "control",
    "POST /api/orders/manual-buy": "control",
    "POST /api/orders/manual-sell": "control",
    "GET /api/kill-switch": "read",
    "POST /api/kill-switch/activate": "read",
    "POST /api/kill-switch/deactivate": "control",
}

#: What a read-only application still takes: coming and going, and the brake.
ALWAYS_TAKEN: frozenset[str] = frozenset(
    {
        "POST /login",
        "POST /logout",
        "POST /api/auth/login",
        "POST /api/auth/logout",
        "POST /api/kill-switch/activate",
        "POST /today/kill-switch",
    }
)
