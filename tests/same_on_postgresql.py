"""Which tests CI leaves out on PostgreSQL, because SQLite has shown the same. `./run test --postgres` runs all.

The rule errs on the safe side. A test is left out only if it lies in a folder about forms, templates, words, services,
permissions and files, commits nothing, and neither it nor what it shares with other tests of its class mentions
anything that may differ between databases.
"""

import ast
import inspect
import re
import unittest
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.test import TestCase, TransactionTestCase

FOLDERS = (
    "tests.articles.admin", "tests.articles.checks", "tests.articles.corrections", "tests.articles.feeds",
    "tests.articles.management", "tests.articles.media", "tests.articles.presenters", "tests.articles.previews",
    "tests.articles.revisions", "tests.articles.richtext", "tests.articles.seo", "tests.articles.services",
    "tests.articles.views", "tests.comments.",
    "tests.subscriptions.emails", "tests.subscriptions.test_", "tests.truthlytics.audit", "tests.truthlytics.contact",
    "tests.contrib.correction_notices", "tests.contrib.importers", "tests.truthlytics.newsletters",
    "tests.truthlytics.newsroom", "tests.truthlytics.privacy", "tests.truthlytics.publication",
    "tests.truthlytics.server", "tests.truthlytics.setup", "tests.truthlytics.test_", "tests.truthlytics.transparency",
    "tests.truthlytics.web",
)  # fmt: skip
# SQL, errors and constraints of the database, locks and threads, search, money, migrations, and characters and numbers
# that one of the databases refuses.
MAY_DIFFER = re.compile(
    r"\brace|barrier|threading|start_thread|\block(s|ed|ing)?\b|select_for_update|atomic|on_commit|"
    r"(Integrity|Data|Database|Internal|Operational|Programming)Error|constraint|cursor|rawsql|annotate|aggregate|\bF\(|(?<!\.)\bExists\(|search|"
    r"receipt|refund|payment|revenue|tax|migrat|x00|\bNUL\b|null character|9999|vendor|postgres|sqlite|backup",
    re.IGNORECASE,
)


def is_same(case: type[unittest.TestCase], name: str) -> bool:
    """Return True if CI need not run the test `name` of `case` on PostgreSQL too."""
    if not case.__module__.startswith(FOLDERS):
        return False
    if issubclass(case, TransactionTestCase) and not issubclass(case, TestCase):
        return False
    ours = [base for base in case.__mro__ if base.__module__.startswith("tests.")]
    parts = [parts_of(base.__module__).get(base.__name__) for base in ours]
    if None in parts:
        return False
    return not any(MAY_DIFFER.search(part.get(name, "")) or MAY_DIFFER.search(part[""]) for part in parts)


@cache
def parts_of(module: str) -> dict[str, dict[str, str]]:
    """Return the source of each test by class and name; under "" what the tests of the class share."""
    lines = Path(inspect.getsourcefile(import_module(module))).read_text(encoding="utf-8").splitlines()
    classes: dict[str, dict[str, str]] = {}
    for node in ast.parse("\n".join(lines)).body:
        if isinstance(node, ast.ClassDef):
            parts = classes[node.name] = {"": "\n".join(lines[first_line(node) : node.body[0].lineno - 1])}
            for member in node.body:
                test = member.name if getattr(member, "name", "").startswith("test_") else ""
                parts[test] = parts.get(test, "") + "\n" + "\n".join(lines[first_line(member) : member.end_lineno])
    return classes


def first_line(node: Any) -> int:
    """Return the index of the first line of a definition, with decorators."""
    return min(part.lineno for part in [node, *getattr(node, "decorator_list", [])]) - 1
