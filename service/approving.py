"""Who decides on proposals in a home; apart from the loop's wiring, so that an API process need not load the loop."""

from core.clock import Clock
from core.parameters import Declaration
from core.trading import StrategyInstance
from feedback.approval import Approvals
from service.session import Session
from strategies import registry


def build_approvals(session: Session, clock: Clock | None = None) -> Approvals:
    """The decisions of people and programs on proposals."""
    return Approvals(session.stores, clock or session.clock, declaration_of, session.settings.language)


def declaration_of(instance: StrategyInstance) -> Declaration:
    """The declared parameters of an instance's strategy."""
    return registry.get(instance.strategy).declaration
