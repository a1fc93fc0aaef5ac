"""Read translatable strings from templates and Python, and catalogues (.po, .mo), without the gettext tools."""

import ast
import re
import struct
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from truthlytics.newsroom import model_names

CALLS = {
    "_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2,
    "pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2,
}  # fmt: skip
TRANSLATE = re.compile(r'{% translate "(.*?)"(?: context "(.*?)")?')
ARGUMENT = re.compile(r'\b_\("(.*?)"\)')
BLOCK = re.compile(r"{% blocktranslate(.*?)%}(.*?){% endblocktranslate %}", re.DOTALL)
PLURAL = re.compile(r"{% plural %}")
VARIABLE = re.compile(r"{{ (\w+) }}")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!%)(%[sd])|({\w*})")
TAG = re.compile(r"{[%{].*?[%}]}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}")


class Message(NamedTuple):
    """A string to translate. `plural` is "" if it has none."""

    text: str
    plural: str = ""
    context: str = ""


def in_template(path: Path) -> set[Message]:
    source = COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = {Message(text.replace("%", "%%"), "", context or "") for text, context in TRANSLATE.findall(source)}
    found |= {
        Message(text) for tag in re.findall(r"{[%{].*?[%}]}", source, re.DOTALL) for text in ARGUMENT.findall(tag)
    }
    for options, body in BLOCK.findall(source):
        parts = [_trim(part) for part in PLURAL.split(body)]
        context = re.search(r'context "(.*?)"', options)
        found.add(Message(parts[0], parts[1] if len(parts) > 1 else "", context[1] if context else ""))
    return found


def _trim(text: str) -> str:
    joined = " ".join(line.strip() for line in text.strip().splitlines())
    return VARIABLE.sub(r"%(\1)s", joined.replace("%", "%%"))


def in_python(path: Path) -> set[Message]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        constants = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        texts = [text for text in constants if isinstance(text, str)]
        if name in CALLS and texts:
            context = texts.pop(0) if "pgettext" in name else ""
            if not texts:  # a variable
                continue
            found.add(Message(texts[0], texts[1] if CALLS[name] == 2 else "", context))
    return found


class Entry(NamedTuple):
    translations: tuple[str, ...]
    is_fuzzy: bool


def read_po(path: Path) -> dict[Message, Entry]:
    entries = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            keyword, _, rest = line.partition(" ")
            if not line.startswith('"'):
                name, line = keyword, rest
            fields[name] = fields.get(name, "") + ast.literal_eval(line)
        if "msgid" in fields:
            message = Message(fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", ""))
            texts = tuple(text for keyword, text in fields.items() if keyword.startswith("msgstr"))
            entries[message] = Entry(texts, bool(re.search(r"^#,.*fuzzy", block, re.MULTILINE)))
    return entries


def read_mo(path: Path) -> dict[Message, tuple[str, ...]]:
    data = path.read_bytes()
    count, originals, translations = struct.unpack("<3I", data[8:20])

    def text(table: int, number: int) -> str:
        length, offset = struct.unpack("<2I", data[table + 8 * number : table + 8 * number + 8])
        return data[offset : offset + length].decode()

    found = {}
    for number in range(count):
        context, _, original = text(originals, number).rpartition("\x04")
        singular, _, plural = original.partition("\x00")
        found[Message(singular, plural, context)] = tuple(text(translations, number).split("\x00"))
    return found


def placeholders(text: str) -> set[str]:
    return {"".join(match) for match in PLACEHOLDER.findall(text)}


# Not read by users: code without an interface, the demo and its texts, and output of commands.
LEFT_OUT = ("migrations", "management", "demo", "bench", "styleguide", "__pycache__")


def messages() -> dict[Message, str]:
    """Return the strings that readers and editors see, with a file that each occurs in."""
    found = {}
    for place in ("templates", "articles", "comments", "subscriptions", "truthlytics"):
        for path in sorted((settings.BASE_DIR / place).rglob("*")):
            if path.suffix in {".html", ".txt", ".py"} and not set(path.parts) & set(LEFT_OUT):
                in_file = in_python(path) if path.suffix == ".py" else in_template(path)
                found |= dict.fromkeys(in_file, str(path.relative_to(settings.BASE_DIR)))
    return found | {Message(name, "", "model"): "truthlytics/newsroom/model_names.py" for name in model_names.listed()}
