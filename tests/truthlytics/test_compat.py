"""What `truthlytics.compat` uses of Django works as it expects, and nothing else uses private names."""

import ast
import importlib
import inspect
import pkgutil
import re
from functools import cache
from itertools import chain
from pathlib import Path
from textwrap import dedent

from django.contrib.admin import ModelAdmin, site
from django.db import connection
from django.test import RequestFactory, SimpleTestCase, TestCase, tag

from articles.models import Article
from tests.budget import takes_longer
from tests.factories import make_article, make_editor
from truthlytics import compat

ROOT = Path(__file__).parent.parent.parent
APPS = ("articles", "comments", "subscriptions", "truthlytics")
MAX_ENTRIES = 5
# Underscored, but documented by Django or Python.
DOCUMENTED = {"_meta", "_default_manager", "_base_manager", "_state", "_save", "_asdict", "_replace", "_exit"}
# Not underscored, but undocumented all the same.
UNDOCUMENTED = {"run_on_commit", "sql_with_params", "get_compiler", "where"}
# Whose private names no class of ours may use or replace.
LIBRARIES = {"allauth", "django", "django_prose_editor", "django_tasks_db", "granian", "storages", "whitenoise"}


class CompatTests(TestCase):
    def test_there_are_few_entries(self):
        numbers = re.findall(r'^(?:#|    """) ?(\d)\. ', inspect.getsource(compat), re.MULTILINE)
        self.assertEqual([int(number) for number in numbers], list(range(1, len(numbers) + 1)))
        self.assertLessEqual(len(numbers), MAX_ENTRIES)
        self.assertEqual(inspect.getsource(compat).count("https://"), len(numbers))

    def test_parameters_of_an_admin_list(self):
        request = RequestFactory().get("/", dict.fromkeys(compat.NO_FILTERS, "1"))
        request.user = make_editor()
        changelist = ModelAdmin(Article, site).get_changelist_instance(request)
        self.assertEqual(changelist.page_num, 1)
        self.assertFalse(changelist.has_active_filters)

    def test_sql_of_a_query(self):
        article = make_article()
        sql, parameters = compat.sql_of(Article.objects.filter(slug=article.slug).values("pk"))
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            self.assertEqual(cursor.fetchall(), [(article.pk,)])


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in {"_", *DOCUMENTED}


@cache
def own_modules():
    """Import all modules of the project and return them by file name."""
    found = {}
    for app in APPS:
        package = importlib.import_module(app)
        for info in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in info.name:
                module = importlib.import_module(info.name)
                found[Path(module.__file__).relative_to(ROOT).as_posix()] = module
    return found


def trees():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "migrations" not in path.parts:
                tree = ast.parse(path.read_text())
                # Names for type checkers only are those of django-stubs.
                nodes = [node.orelse if is_for_type_checkers(node) else [node] for node in tree.body]
                yield name, ast.Module([*chain(*nodes)], [])


def is_for_type_checkers(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def defined_in(tree):
    """Return the private names that a module gives to functions, classes, variables and attributes of `self`."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store(), value=ast.Name(id="self" | "cls")):
                yield name


def used_in(tree):
    """Yield the line, the name, and whether it is `self`'s, of each use of a private or undocumented attribute."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if is_private(name) or name in UNDOCUMENTED:
                yield node.lineno, name
            case ast.ImportFrom(module=module, names=names) if module and module.split(".")[0] not in APPS:
                for part in [*module.split("."), *(alias.name for alias in names)]:
                    if is_private(part):
                        yield node.lineno, part


@cache
def private_names_of(cls):
    """Return the private names that a class of a library defines, as attribute or on `self`."""
    try:
        tree = ast.parse(dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return set(filter(is_private, vars(cls)))
    return {name for name in [*vars(cls), *defined_in(tree)] if is_private(name)}


@tag("all_features")
class PrivateNameTests(SimpleTestCase):
    @takes_longer("All files of the project are read.")
    def test_only_own_private_names_are_used(self):
        for name, tree in trees():
            if name == "truthlytics/compat.py":
                continue
            own = set(defined_in(tree))
            with self.subTest(name):
                self.assertEqual([(line, used) for line, used in used_in(tree) if used not in own], [])

    @takes_longer("All files of the project are read.")
    def test_no_private_name_of_a_base_class_is_used_or_replaced(self):
        modules = own_modules()
        for name, tree in trees():
            for node in tree.body:
                cls = getattr(modules.get(name), node.name, None) if isinstance(node, ast.ClassDef) else None
                libraries = [base for base in getattr(cls, "__mro__", ()) if base.__module__.split(".")[0] in LIBRARIES]
                if libraries:
                    used = {*defined_in(node), *(used for _line, used in used_in(node))}
                    with self.subTest(f"{name}: {node.name}"):
                        self.assertEqual(used & set().union(*map(private_names_of, libraries)), set())
