#!/usr/bin/env python
"""The project's commands. `manage.py demo` prepares its environment before settings are read."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed here. Start with `./run demo`, or make an environment yourself:\n"
            "  python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python manage.py demo"
        )
    if sys.argv[1:2] == ["demo"]:
        from truthlytics.env import prepare_demo

        prepare_demo(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
