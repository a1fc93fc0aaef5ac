"""Putting the script for outsiders together: the modules of `outside` as one file, without their own imports."""

import ast
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "outside"
# Each uses those before it. The first lines are those of the last one.
MODULES = (
    "signatures", "rules", "record", "summary", "html", "shape", "pages", "labels", "expected", "meaning", "site",
    "witnesses", "items", "texts", "published", "copies", "verify",
)  # fmt: skip
PACKAGE = "truthlytics.transparency.outside"


@cache
def script() -> str:
    """Return the text of `verify.py`."""
    texts = {name: (FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
    first, _quotes, rest = texts["verify"].partition('"""')
    docstring = rest.partition('"""')[0]
    parts = [f'{first}"""{docstring}"""\n\nfrom __future__ import annotations\n']
    for name, text in texts.items():
        body = _without_own_imports(text)
        parts.append(f"\n# === {name} {'=' * (112 - len(name))}\n{body}")
    return "".join(parts)


def _without_own_imports(text: str) -> str:
    """Return a module without its docstring, and without its imports of the package and of the future."""
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    dropped = {
        number
        for node in tree.body
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith((PACKAGE, "__future__")))
        or (node is tree.body[0] and isinstance(node, ast.Expr))
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept = [line for number, line in enumerate(lines, 1) if number not in dropped and not line.startswith("#!")]
    return "".join(kept).lstrip("\n")
