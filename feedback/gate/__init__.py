"""The gate: a list of checks that every proposal passes before a person or a policy may apply it.

`judge.judge_proposal` judges a proposal of the loop, `cases.judge_cases` the lines of a cases file. Both make a
`Subject`, show it to each check of `standard.STANDARD` and let `decision.decide` weigh the answers.
"""
