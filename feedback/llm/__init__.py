"""Language models: clients, budget, the ladder an answer must climb, and the checks on what it says.

Nothing here changes a parameter: what comes out is text for people and adjustments for the gate.
"""
