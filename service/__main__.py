"""`python -m service` is `tradeloop`: the supervisor starts its children this way."""

from service.cli import main

main()
