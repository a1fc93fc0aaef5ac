"""A third party's table of forgeries: every field and every element that a site publishes, changed one at a time.

Each `Mutation` changes one thing in one file of a site that was read as a whole, as text, with no knowledge of what the
checkers look at. It has to be noticed, or to fit one of the `LIMITS`, which docs/record.md has word for word.
"""

import html
import json
import re
from typing import NamedTuple

from truthlytics.web.text import split_words

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
TAGS = split_words(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body "
    "br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em "
    "embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i "
    "iframe image img input ins isindex kbd keygen label legend li link listing main map mark marquee math menu "
    "menuitem meta meter multicol nav nextid nobr noembed noframes noscript object ol optgroup option output p param "
    "picture plaintext portal pre progress q rb rp rt rtc ruby s samp script search section select slot small source "
    "spacer span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title "
    "tr track tt u ul var video wbr xmp x-own"
)
# Attributes that are added to each element.
ADDED = [
    ("hidden", ""), ("style", "display:none"), ("style", "font-size:0"), ("class", "visually-hidden"),
    ("class", "invented"), ("inert", ""), ("title", "This is false!"), ("onclick", "this.remove()"), ("popover", ""),
    ("dir", "rtl"), ("is", "x-own"), ("slot", "x"), ("srcdoc", "<p>No</p>"), ("background", "/x.png"),
    ("aria-hidden", "true"), ("contenteditable", ""), ("data-outside-record", ""), ("nonce", "x"), ("open", ""),
]  # fmt: skip
# Elements around each element.
AROUND = ["del", "s", "details", "noscript", "bdo", "blockquote", "q", "sup", "code", "template", "u", "dialog", "font"]
INSERTED = [
    "<!-->A lie.<!-- -->", "<!--->A lie.<!-- -->", "<!-- nothing -->", "<![CDATA[A lie.]]>", "<?php A lie. ?>",
    '<iframe srcdoc="<p>A lie.</p>"></iframe>', '<img src="data:image/png;base64,AAAA" alt="">',
    '<input value="A lie.">', '<base href="/other/">', '<meta http-equiv="refresh" content="0;url=/other/">',
    '<p class="label">Written without AI</p>', "<p data-outside-record>A lie.</p>", "A lie.", "<p>A lie.",
    "</p>A lie.<p>", "</div>", "<div>", '<link rel="stylesheet" href="/x.css">', '<script src="/x.js"></script>',
]  # fmt: skip
TOKEN = re.compile(r"<script\b[^>]*>.*?</script>|<(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>|[^<]+|<", re.DOTALL)
ATTRIBUTE = re.compile(r"\s([a-zA-Z][\w:-]*)(?:=\"([^\"]*)\")?")


class Mutation(NamedTuple):
    """One thing that was changed: the path of a file, how, what (for people), where, and the file as it is then.

    `inside` are the opening tags around the place; `where` is the path of a JSON value, or the tag or text itself.
    `gone` is the source of an element that was removed.
    """

    path: str
    how: str
    where: str
    inside: tuple[str, ...]
    text: bytes | None
    gone: str = ""


def changed(word):
    """Return another text of the same kind: other figures, or another word."""
    if re.search(r"\d", word):
        return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), word)
    match = list(re.finditer(r"\w+", word))
    if not match:
        return f"{word}lie"
    middle = match[len(match) // 2]
    return f"{word[: middle.start()]}otherwise{word[middle.end() :]}"


# --- Pages ----------------------------------------------------------------------------------------------------------
def of_html(path, text):
    """Yield mutations of a page, as a forger would type them into its source."""
    tokens = TOKEN.findall(text)
    stack = []
    for number, token in enumerate(tokens):

        def replaced(*others, number=number):
            return "".join([*tokens[:number], *others, *tokens[number + 1 :]]).encode()

        def made(how, *others, token=token, replaced=replaced):
            return Mutation(path, how, token.strip(), tuple(stack), replaced(*others))

        if not token.startswith("<"):
            if token.strip():
                yield made("word changed", changed(token))
                yield made("text removed", " ")
                yield made("words added", f"{token} A lie.")
            continue
        if token.startswith("</"):
            stack.pop()
            continue
        if token.startswith("<!"):
            continue
        name = re.match(r"<([\w-]+)", token)[1].lower()
        if name == "script":
            yield made("word changed", changed(token))
            yield made("element removed")
            continue
        for inserted in [*(f"<{tag}>A lie.</{tag}>" for tag in TAGS if tag not in VOID), *INSERTED]:
            yield made("inserted", inserted, token)._replace(where=inserted)
        yield made("tag removed")
        for attribute, value in ADDED:
            yield made("attribute added", _with(token, attribute, value))._replace(where=f"{attribute} {token}")
        for tag in AROUND:
            end = _end(tokens, number, name)
            around = "".join([*tokens[:number], f"<{tag}>", *tokens[number : end + 1], f"</{tag}>", *tokens[end + 1 :]])
            yield Mutation(path, f"put into <{tag}>", token, tuple(stack), around.encode())
        end = _end(tokens, number, name)
        rest, gone = "".join([*tokens[:number], *tokens[end + 1 :]]), "".join(tokens[number : end + 1])
        yield Mutation(path, "element removed", token, tuple(stack), rest.encode(), gone)
        for match in ATTRIBUTE.finditer(token):
            attribute, value = match[1], match[2] or ""
            other = f'{token[: match.start()]} {attribute}="{changed(value)}"{token[match.end() :]}'
            yield made("attribute changed", other)._replace(where=f"{attribute} {token}")
            without = token[: match.start()] + token[match.end() :]
            yield made("attribute removed", without)._replace(where=f"{attribute} {token}")
        if name not in VOID and not token.endswith("/>"):
            stack.append(token)


def _with(token, attribute, value):
    if attribute == "class" and ' class="' in token:
        return token.replace(' class="', f' class="{value} ')
    return re.sub(r"^<[\w-]+", lambda match: f'{match[0]} {attribute}="{html.escape(value)}"', token)


def _end(tokens, number, name):
    """Return the position of the end tag of the element that begins at `number`, or `number` without one."""
    if name in VOID or tokens[number].endswith("/>"):
        return number
    depth = 0
    for place in range(number, len(tokens)):
        if re.match(rf"<{name}\b", tokens[place]) and not tokens[place].endswith("/>"):
            depth += 1
        elif tokens[place].startswith(f"</{name}>"):
            depth -= 1
            if not depth:
                return place
    return number


# --- JSON -----------------------------------------------------------------------------------------------------------
def of_json(path, text):
    """Yield mutations of a JSON file: each value changed, each field removed, and one added to each object."""
    data = json.loads(text)
    for place in _places(data, ()):
        where = ".".join(map(str, place))
        yield Mutation(path, "value changed", where, (), _dump(_set(data, place, _other(_get(data, place)))))
        yield Mutation(path, "field removed", where, (), _dump(_set(data, place, ...)))
        if isinstance(_get(data, place), dict):
            yield Mutation(path, "field added", where, (), _dump(_set(data, (*place, "invented"), "lie")))
        if isinstance(_get(data, place), list) and _get(data, place):
            doubled = [*_get(data, place), _get(data, place)[-1]]
            yield Mutation(path, "item doubled", where, (), _dump(_set(data, place, doubled)))


def _places(data, place):
    if place:
        yield place
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        yield from _places(value, (*place, name))


def _get(data, place):
    for name in place:
        data = data[name]
    return data


def _set(data, place, value):
    copy = json.loads(json.dumps(data))
    parent = _get(copy, place[:-1])
    if value is ...:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return copy


def _other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return changed(value)
    return None if value else "lie"


def _dump(data):
    return json.dumps(data).encode()


# --- Other files ----------------------------------------------------------------------------------------------------
def of_lines(path, text):
    """Yield mutations of a text or feed: one word of each line or element changed, or it removed."""
    parts = re.findall(r"[^\n<]+|[\n<]", text)
    for number, part in enumerate(parts):
        if re.search(r"\w", part):
            rest = [*parts[:number], "", *parts[number + 1 :]]
            for how, other in [("word changed", changed(part)), ("line removed", "")]:
                rest[number] = other
                before = "".join(parts[max(0, number - 2) : number])
                yield Mutation(path, how, part[:200], (before,), "".join(rest).encode())


def of_bytes(path, data):
    for place in sorted({0, len(data) // 3, len(data) // 2, len(data) - 1}):
        other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        yield Mutation(path, "bit turned", str(place), (), other)


def of_site(files):
    """Yield all mutations of a site, by path of its files."""
    for path, data in sorted(files.items()):
        yield Mutation(path, "gone", "", (), None)
        if path.endswith(".json"):
            yield from of_json(path, data)
        elif path.endswith((".md", ".xml", ".txt", "checkpoint")):
            yield from of_lines(path, data.decode())
        elif "/tile/" in path or "/media/" in path:
            yield from of_bytes(path, data)
        elif path.endswith("/"):
            yield from of_html(path, data.decode())
