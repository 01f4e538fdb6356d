"""Digests survive the database, whatever they are computed from."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.stores import Stores
from tests.support.rows import NOON, instance, proposal

pytestmark = pytest.mark.integration
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS
DOCUMENTS = st.dictionaries(TEXTS, st.recursive(PLAIN, lambda d: st.lists(d) | st.dictionaries(TEXTS, d), max_leaves=8))
MANY = settings(max_examples=40, deadline=None)


def test_a_proposal_keeps_the_digest_of_any_evidence(db: Stores) -> None:
    numbers = itertools.count()

    @MANY
    @given(DOCUMENTS)
    def check(evidence: dict[str, Any]) -> None:
        made = replace(proposal(f"p{next(numbers)}"), evidence=evidence)
        with db.begin(durable=False) as tx:
            tx.proposals.add(made)
            assert tx.proposals.get(made.id).digest == made.digest

    check()


def test_a_version_keeps_the_digest_of_any_values(seeded: Stores) -> None:
    @MANY
    @given(st.dictionaries(TEXTS.filter(lambda name: "\0" not in name), NUMBERS | st.integers(-(2**53), 2**53)))
    def check(values: dict[str, float]) -> None:
        with seeded.begin(durable=False) as tx:
            base = tx.parameters.current(instance().id).version
            made = tx.parameters.commit(instance().id, base, values, "person", None, "", NOON)
            assert tx.parameters.current(instance().id).digest == made.digest

    check()


def test_the_audit_chain_stays_whole_over_any_detail(db: Stores) -> None:
    @MANY
    @given(DOCUMENTS)
    def check(detail: dict[str, Any]) -> None:
        with db.begin(durable=False) as tx:
            tx.audit.append("anna", "note", "x", detail, NOON)
            assert tx.audit.verify() == (True, None)

    check()
