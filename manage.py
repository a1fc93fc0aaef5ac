#!/usr/bin/env python
"""The project's commands. `manage.py demo` prepares its environment before settings are read."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError, ProgrammingError
    except ImportError:
        sys.exit(
            "Django is not installed here. Start with `./run demo`, or make an environment yourself:\n"
            "  python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python manage.py demo"
        )
    if sys.argv[1:2] == ["demo"]:
        from truthlytics.env import prepare_demo

        prepare_demo(sys.argv)
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(what_to_do(error))


def what_to_do(error: Exception) -> str:
    """One sentence for what an operator can put right; `--traceback` shows where it happened."""
    said = " ".join(str(error).split())
    if any(words in said for words in ("no such table", "no such column", "does not exist")):
        return f"The database is not ready: {said}. Run `manage.py migrate` first (and look at DATABASE_URL)."
    if type(error).__name__ == "ImproperlyConfigured":
        return f"{said} (Settings come from the environment or from .env; .env.example lists them.)"
    return f"The database could not be used: {said}. Look at DATABASE_URL; --traceback says more."


if __name__ == "__main__":
    main()
