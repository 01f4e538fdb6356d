"""One file per channel; each fills core.ports.Notifier."""

from reports.notifiers.file import FileNotifier
from reports.notifiers.slack import SlackNotifier

__all__ = ["FileNotifier", "SlackNotifier"]
