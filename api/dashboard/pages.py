"""The pages and their forms. A form does one thing, says what happened, and shows the page again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import login
from api.auth.principal import principal
from api.context import here
from api.dashboard import today
from api.dashboard.words import words
from api.models.loop import LONGEST_FEEDBACK
from api.notes import add_note
from api.routes.kill_switch import pull
from core.errors import TradeloopError
from feedback.llm.sanitise import sanitise

pages = Blueprint("pages", __name__)
LONGEST_NAME, LONGEST_NOTE = 200, 1000


def register(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.context_processor
def common() -> dict[str, Any]:
    """What every page knows: its words and where its numbers come from."""
    config = here().config
    return {"t": words(config.language), "config": config}


@pages.get("/login")
def login_page() -> str:
    """A form for the password, or one button for a one-time link."""
    return render_template("login.html", token=request.args.get("token", ""))


@pages.post("/login")
def log_in() -> Response:
    try:
        login.log_in(password=request.form.get("password"), token=request.form.get("token"))
    except TradeloopError as error:
        flash(str(error), "error")
        return redirect(url_for("pages.login_page"), 303)
    return redirect(url_for("pages.today_page"), 303)


@pages.post("/logout")
def log_out() -> Response:
    login.log_out()
    return redirect(url_for("pages.login_page"), 303)


@pages.get("/")
def today_page() -> str:
    """Today: what runs, what happened, what waits."""
    return render_template("today.html", today=today.gather(here()), csrf=principal().csrf)


@pages.post("/today/approve")
def approve() -> Response:
    return _tell(
        lambda: here().approvals.approve(_field("id"), _field("digest"), principal().actor, _note()), "approved"
    )


@pages.post("/today/decline")
def decline() -> Response:
    return _tell(
        lambda: here().approvals.decline(_field("id"), _field("digest"), principal().actor, _note()), "declined"
    )


@pages.post("/today/feedback")
def feedback() -> Response:
    return _tell(lambda: add_note(here(), principal().actor, _field("text", LONGEST_FEEDBACK)), "noted")


@pages.post("/today/kill-switch")
def kill_switch() -> Response:
    return _tell(lambda: pull(principal(), _note(), flatten=False), "stopped")


def _tell(act: Callable[[], object], done: str) -> Response:
    """Do it, and say on the next page that it is done or why it was not."""
    try:
        act()
        flash(words(here().config.language)[f"done.{done}"], "done")
    except TradeloopError as error:
        flash(str(error), "error")
    return redirect(url_for("pages.today_page"), 303)


def _field(name: str, longest: int = LONGEST_NAME) -> str:
    return sanitise(request.form.get(name, ""), longest)


def _note() -> str:
    return _field("note", LONGEST_NOTE)
