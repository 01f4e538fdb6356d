"""One file per resource: parse, call, answer."""

from api.routes import (
    auth,
    commands,
    decisions,
    events,
    feedback,
    health,
    insights,
    kill_switch,
    kpi,
    metrics,
    orders,
    patterns,
    pnl,
    positions,
    proposals,
    reports,
    reviews,
    safety_events,
    status,
    strategies,
    trades,
    trading,
)

RESOURCES = tuple(
    module.api
    for module in (
        health,
        insights,
        feedback,
        proposals,
        strategies,
        trades,
        decisions,
        positions,
        orders,
        pnl,
        safety_events,
        status,
        kpi,
        reviews,
        patterns,
        reports,
        trading,
        commands,
        kill_switch,
        auth,
        events,
        metrics,
    )
)
