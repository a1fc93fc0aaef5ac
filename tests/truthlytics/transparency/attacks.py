"""Print what each checker says about each attack of an owner who has the database, the key and every file.

    .venv/bin/python -m tests.truthlytics.transparency.attacks [--browser]

plays them in a database for tests. With --browser, the page in the browser is asked too. The suite plays them all.
"""

import os
import sys

COLUMNS = ("script", "second verifier", "verify_record", "browser")
# What was said, by attack and checker.
TABLE: dict[str, dict[str, str]] = {}


def note(attack: str, checker: str, verdict: str) -> None:
    TABLE.setdefault(attack, {})[checker] = verdict


def print_table() -> None:
    print(f"{'attack':52}" + "".join(f"{column:18}" for column in COLUMNS))
    for attack, verdicts in TABLE.items():
        print(f"{attack:52}" + "".join(f"{verdicts.get(column, '–'):18}" for column in COLUMNS))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    from django.core.management import execute_from_command_line

    labels = ["tests.truthlytics.transparency.test_attacks"]
    if "--browser" in sys.argv:
        labels.append("tests.browser.test_attacks")
    # The settings know by the arguments that tests are run.
    sys.argv = ["manage.py", "test", *labels, "--parallel", "1"]
    try:
        execute_from_command_line(sys.argv)
    finally:
        # The tests have imported this module under its own name.
        from tests.truthlytics.transparency import attacks

        attacks.print_table()


if __name__ == "__main__":
    main()
