#!/usr/bin/env python
"""Run the project's management commands."""

import os
import re
import sys
import traceback

OLDEST_PYTHON = (3, 12)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Truthlytics needs Python 3.12 or later; this is {sys.version.split()[0]}.")
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError, ProgrammingError

        from truthlytics.env import prepare_environment
    except ImportError:
        sys.exit(
            "Django is not installed. Run `./run demo`, or create a virtual environment:\n"
            "  python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python manage.py demo"
        )
    if sys.argv[1:] in (["--version"], ["version"]):
        from truthlytics.monitoring.versions import RUNNING

        print(f"Truthlytics {RUNNING}, Django {django.__version__}, Python {sys.version.split()[0]}")
        return
    try:
        prepare_environment(sys.argv)
        execute_from_command_line(sys.argv)
    except Exception as error:
        if "--traceback" in sys.argv:
            raise
        if plugin := failing_plugin(error):
            sys.exit(
                f"The plug-in “{plugin}” cannot be started: {type(error).__name__}: {error}. Repair it, or remove it "
                "from PLUGINS. `--traceback` shows where it failed."
            )
        if not isinstance(error, (ImproperlyConfigured, OperationalError, PermissionError, ProgrammingError)):
            raise
        sys.exit(explain(error))


def failing_plugin(error: Exception) -> str:
    """Return the plug-in that raised `error` while the site was starting; "" if none did."""
    from django.apps import apps
    from django.conf import settings

    if apps.ready or not settings.configured:
        return ""
    modules = [str(frame.f_globals.get("__name__", "")) for frame, _line in traceback.walk_tb(error.__traceback__)]
    return next((name for name in settings.PLUGINS for module in modules if f"{module}.".startswith(f"{name}.")), "")


def explain(error: Exception) -> str:
    """Return a message that says how to fix `error`; `--traceback` shows the traceback instead."""
    message = " ".join(str(error).split())
    if isinstance(error, PermissionError):
        return f"This user may not use {error.filename}. Change its owner, or set VAR_DIR to another folder."
    if message in {"unable to open database file", "attempt to write a readonly database"}:
        from django.conf import settings

        return (
            f"This user cannot write to the database {settings.DATABASES['default']['NAME']}. Its folder must exist "
            "and be writable, too. Change their owner, or set DATABASE_URL to another file."
        )
    if missing := re.search('(database|role) "[^"]*" does not exist', message):
        return f"On the server, the {missing[0]}. Create it, or check DATABASE_URL."
    if any(text in message for text in ("no such table", "no such column", "does not exist")):
        return f"The database is not ready: {message}. Run `manage.py migrate`, or check DATABASE_URL."
    if type(error).__name__ == "ImproperlyConfigured":
        return f"{message} (Settings are read from the environment or from .env; see .env.example.)"
    return f"Database error: {message}. Check DATABASE_URL, or use --traceback for details."


if __name__ == "__main__":
    main()
