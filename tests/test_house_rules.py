"""Rules of the code base that no other tool checks."""

import ast
import re
import tomllib
from pathlib import Path

from django.test import SimpleTestCase

from tests.budget import takes_longer

ROOT = Path(__file__).parent.parent
APPS = ("articles", "comments", "subscriptions", "truthlytics")
CONTRIB = ROOT / "truthlytics" / "contrib"
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *CONTRIB.rglob("*.html")])
MAX_TOP_LEVEL_MODULES = 18
# Lines of a function without its docstring.
MAX_FUNCTION_LINES = 40
MAX_TEMPLATE_COLUMNS = 120
# Benchmarks and sample data read from top to bottom.
LISTS_OF_STEPS = ("truthlytics/tools/",)

# The comment at the start of a partial: what it shows, and the context that it takes.
PARTIAL_HEADER = re.compile(
    r"\{#.*?(Takes|Needs nothing).*?#\}|\{% comment %\}.*?(Takes|Needs nothing).*?\{% endcomment %\}", re.DOTALL
)


def static_files(ending):
    folders = (ROOT / "truthlytics").rglob("static")
    return [path for folder in folders for path in folder.rglob(f"*.{ending}")]


def modules(app):
    """Return the names of the modules and packages directly in `app`."""
    names = {path.stem for path in (ROOT / app).glob("*.py")}
    return names | {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - {"__init__"}


def product_files():
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if "migrations" not in path.parts and not name.startswith(LISTS_OF_STEPS):
                yield path


def lines_of(function):
    """Return the number of lines of `function`, without its docstring."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    return function.end_lineno - function.lineno + 1 - (has_docstring and first.end_lineno - first.lineno + 1)


class ImportContractTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        cls.layers = " ".join(layer for contract in contracts for layer in contract.get("layers", []))
        cls.forbidden = [contract for contract in contracts if contract["type"] == "forbidden"]

    def test_every_module_is_in_a_layer(self):
        for app in APPS:
            with self.subTest(app):
                layered = set(re.findall(rf"\b{app}\.(\w+)", self.layers))
                self.assertEqual(modules(app) - {"__init__"} - layered, set(), "Add the module to pyproject.toml.")

    def test_every_layer_exists(self):
        for name in re.findall(r"\b\w+(?:\.\w+)+", self.layers):
            with self.subTest(name):
                path = ROOT / name.replace(".", "/")
                self.assertTrue(path.with_suffix(".py").exists() or path.is_dir(), "Remove it from pyproject.toml.")

    def test_no_module_of_the_core_may_import_a_feature(self):
        (contract,) = (each for each in self.forbidden if each["forbidden_modules"] == ["truthlytics.contrib"])
        sources = {name.removeprefix("truthlytics.") for name in contract["source_modules"]}
        exempt = {"__init__", "contrib", "tools"}
        self.assertEqual(modules("truthlytics") - sources - exempt, set(), "Add the module to pyproject.toml.")

    def test_tests_of_the_core_import_no_feature(self):
        """Those of a whole site call commands and addresses. Only helpers come from the tests of a feature."""
        pattern = re.compile(r"^\s*(from|import) truthlytics\.contrib\b", re.MULTILINE)
        paths = [path for path in (ROOT / "tests").rglob("*.py") if ROOT / "tests/contrib" not in path.parents]
        self.assertGreater(len(paths), 500)
        self.assertEqual([path.name for path in paths if pattern.search(path.read_text(encoding="utf-8"))], [])


class SizeTests(SimpleTestCase):
    def test_the_top_level_has_no_other_packages(self):
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
        self.assertEqual(packages, {*APPS, "tests"})

    def test_apps_are_divided_into_packages(self):
        for app in APPS:
            with self.subTest(app):
                self.assertLessEqual(len(list((ROOT / app).glob("*.py"))), MAX_TOP_LEVEL_MODULES)

    @takes_longer("All files of the project are read.")
    def test_functions_are_short(self):
        for path in product_files():
            for function in ast.walk(ast.parse(path.read_text())):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    with self.subTest(f"{path.relative_to(ROOT)}: {function.name}"):
                        self.assertLessEqual(lines_of(function), MAX_FUNCTION_LINES)

    def test_lines_of_templates_are_short(self):
        for path in TEMPLATES:
            name = path.relative_to(ROOT).as_posix()
            lines = path.read_text().splitlines()
            long = [number for number, line in enumerate(lines, start=1) if len(line) > MAX_TEMPLATE_COLUMNS]
            with self.subTest(name):
                self.assertEqual(long, [], f"{name} has lines of more than {MAX_TEMPLATE_COLUMNS} columns.")


class TemplateTests(SimpleTestCase):
    def test_templates_have_no_inline_styles_scripts_or_handlers(self):
        inline = re.compile(
            r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(?:\ssrc=|application/(?:ld\+)?json|type=\"importmap))",
            re.IGNORECASE,
        )
        for path in TEMPLATES:
            if "emails" in path.parts:
                continue  # emails cannot link a style sheet
            with self.subTest(path.relative_to(ROOT)):
                self.assertIsNone(inline.search(path.read_text()))

    def test_partials_document_their_context(self):
        for path in TEMPLATES:
            if path.name.startswith("_") and "allauth" not in path.parts:
                with self.subTest(path.relative_to(ROOT)):
                    self.assertIsNotNone(PARTIAL_HEADER.match(path.read_text()), "Say first what it shows and takes.")

    def test_nothing_is_loaded_from_another_host(self):
        url = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|from ["']https?://""")
        files = [
            *TEMPLATES,
            *static_files("css"),
            *static_files("js"),
        ]
        for path in files:
            with self.subTest(path.relative_to(ROOT)):
                self.assertIsNone(url.search(path.read_text()))


class StyleSheetTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sheets = sorted(static_files("css"))
        cls.css = {path: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in sheets}

    def test_every_custom_property_is_defined(self):
        css = "".join(self.css.values())
        self.assertEqual(set(re.findall(r"var\(\s*(--[\w-]+)", css)) - set(re.findall(r"(--[\w-]+)\s*:", css)), set())

    def test_style_sheets_show_no_words(self):
        for path, css in self.css.items():
            with self.subTest(path.relative_to(ROOT)):
                self.assertEqual(re.findall(r"content:[^;]*\"[^\";]*[A-Za-z]{3}[^\";]*\"", css), [])

    def test_a_badge_of_the_newsroom_has_one_colour(self):
        badges = [badge for css in self.css.values() for badge in re.findall(r"^\.badge--[\w-]+ \{", css, re.MULTILINE)]
        self.assertEqual(len(badges), len(set(badges)), badges)

    def test_no_rule_fights_django(self):
        """Django's style sheets are in a layer below, and base.css sets back its headings."""
        for path, css in self.css.items():
            # A group of ids, as in :is(#header, #content), is one id.
            selectors = re.sub(r":is\([^)]*\)", ":is", css)
            with self.subTest(path.relative_to(ROOT)):
                self.assertEqual(re.findall(r"#[a-z][\w-]*[^,;{}]*#[a-z][\w-]*[^,;{}]*(?=[,{])", selectors), [])
                if path.name not in {"base.css", "reset.css", "layout.css"}:  # hidden elements, reduced motion
                    self.assertNotIn("!important", css)
                if "newsroom" in path.parts and path.name not in {"base.css", "text.css"}:
                    resets = re.findall(r"\bh[2-4] \{[^{}]*text-transform: none", css)
                    self.assertEqual(resets, [])

    def test_sides_and_sizes_follow_the_direction_of_reading(self):
        sides = "(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
        physical = rf"^ *(?:{sides}[a-z-]*|left|right|top|bottom|(?:min-|max-)?(?:width|height)):"
        for path, css in self.css.items():
            with self.subTest(path.relative_to(ROOT)):
                self.assertEqual(re.findall(physical, css, re.MULTILINE), [])

    def test_stacking_and_type_are_tokens(self):
        """What is drawn over what is decided in one place, and so are sizes, line heights and families of type."""
        css = "".join(css for path, css in self.css.items() if path.name != "tokens.css")
        self.assertEqual(re.findall(r"z-index: *[0-9]+", css), [])
        self.assertEqual(len(re.findall(r"font-variant-caps: small-caps", css)), 2)  # headings, and the first line
        small = r"font: [^;]*(?:0\.75rem|0\.8125rem|0\.875rem|0\.9375rem|--step--[12]\)) / 1\.[345]\d? var\(--sans\);"
        newsroom = "".join(css for path, css in self.css.items() if {"newsroom", "components"} & set(path.parts))
        self.assertEqual(re.findall(small, newsroom.replace("italic", ";")), [], "tokens.css has --type-small etc.")

    def test_a_class_means_one_thing_in_site_and_newsroom(self):
        """Both may have the names of Django's style sheets, and what layers.css of the newsroom loads from the site."""
        static = ROOT / "truthlytics/static"
        layers = (static / "newsroom/css/layers.css").read_text()
        shared = {static / "css" / name for name in re.findall(r'url\("\.\./\.\./css/([^"]+)"\)', layers)}
        site, newsroom = set(), set()
        for path, css in self.css.items():
            if path not in shared and path.name != "styleguide.css":
                selectors = " ".join(re.findall(r"[^{};]+(?=\{)", css))
                names = re.findall(r"\.([a-z][\w-]*)", re.sub(r"url\([^)]*\)", "", selectors), re.IGNORECASE)
                (newsroom if "newsroom" in path.parts else site).update(names)
        self.assertEqual(site & newsroom - {"actions", "button", "theme-toggle", "visually-hidden"}, set())
