"""A second verifier of the record, written from docs/record.md. It shares no code with the first.

It answers only whether something is wrong. Where the first one reads HTML with a tree of its own and computes
signatures and roots itself, this one uses lxml, the package cryptography, and recursion.
"""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from lxml import html as lxml_html

HOUR = timedelta(hours=1)
NUMBERED = {"version", "correction", "removal", "deletion"}
PLAIN = {"withdrawal", "restoration"}


class Wrong(Exception):
    """Something is wrong."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


def sha(data):
    return hashlib.sha256(data).digest()


def dump(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def time_of(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def merkle(leaves):
    if len(leaves) < 2:
        return sha(b"\0" + leaves[0]) if leaves else sha(b"")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + merkle(leaves[:half]) + merkle(leaves[half:]))


def signed(note, key):
    """Return the parts of a note that `key` signed: origin, size and root."""
    name, _number, encoded = key.split("+", 2)
    data = base64.b64decode(encoded)
    text, lines = note.rstrip("\n").rsplit("\n\n", 1)
    for line in lines.split("\n"):
        _dash, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if signer == name and raw[:4] == sha(name.encode() + b"\n" + data)[:4]:
            message, raw = f"{text}\n", raw[4:]
            if data[0] == 4:
                message, raw = f"cosignature/v1\ntime {int.from_bytes(raw[:8])}\n{message}", raw[8:]
            try:
                Ed25519PublicKey.from_public_bytes(data[1:]).verify(raw, message.encode())
            except InvalidSignature as error:
                raise Wrong("signature") from error
            origin, size, root = text.split("\n")[:3]
            return origin, int(size), base64.b64decode(root)
    raise Wrong("not signed")


def well_formed(leaf):
    try:
        entry = json.loads(leaf)
        require(isinstance(entry, dict) and dump(entry) == leaf, "form")
        names = set(entry) - {"imported"}
        kind = entry["kind"]
        require(time_of(entry["time"]).strftime("%Y-%m-%dT%H:%M:%SZ") == entry["time"], "form")
        if kind in NUMBERED | PLAIN:
            wanted = {"kind", "time", "item", "uuid"} | ({"number", "digest"} if kind in NUMBERED else set())
            require(names == wanted and entry["item"] in {"article", "page", "dossier"}, "form")
            require(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", entry["uuid"]), "form")
            require(entry.get("imported", True) is True and (kind != "deletion" or "imported" not in entry), "form")
            if kind in NUMBERED:
                require(type(entry["number"]) is int and entry["number"] >= 1, "form")
                require(re.fullmatch("[0-9a-f]{64}", entry["digest"]), "form")
            require(kind != "correction" or entry["item"] == "article", "form")
        else:
            wanted = {"key": {"key", "signature"}, "log": {"previous", "size", "root"}}[kind]
            require(set(entry) == wanted | {"kind", "time"}, "form")
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong("form") from error
    return entry


class Story:
    """What the entries of a log tell, event by event. Raises Wrong at the first that the rules do not allow."""

    def __init__(self, origin, key, before=None):
        self.origin, self.before, self.keys = origin, before, [(0, key)]
        self.events = []
        self.versions, self.gone = {}, set()

    def about(self, uuid, *kinds):
        return [event for event in self.events if event.get("uuid") == uuid and (not kinds or event["kind"] in kinds)]

    def tell(self, leaves):
        for leaf in leaves:
            entry = well_formed(leaf)
            first = not self.events
            require((entry["kind"] == "log") == (first and self.before is not None) or not first, "log")
            if "imported" not in entry:
                earlier = [time_of(e["time"]) for e in self.events if "imported" not in e]
                require(not earlier or time_of(entry["time"]) >= max(earlier) - HOUR, "time")
            getattr(self, entry["kind"])(entry)
            self.events.append(entry)
        if self.before is not None:
            require(self.events, "log")
            require(self.before.versions.keys() - self.before.gone <= self.versions.keys(), "log")
        for place, event in enumerate(self.events):
            if "imported" in event:
                for after in self.events[place:]:
                    ok = "imported" in after or time_of(event["time"]) <= time_of(after["time"]) + HOUR
                    require(ok, "time")

    def version(self, entry):
        own, key = self.about(entry["uuid"], "version"), (entry["uuid"], entry["number"])
        require(key not in self.versions, "once")
        require(all(event["item"] == entry["item"] for event in own), "once")
        require(all(event["number"] < entry["number"] for event in own), "order")
        require(all(event["time"] <= entry["time"] for event in own), "order")
        require(not own or any((entry["uuid"], event["number"]) not in self.gone for event in own), "deletion")
        former = self.before.versions.get(key) if self.before else None
        require(former is None or former["digest"] == entry["digest"], "log")
        native = former["native"] if former else "imported" not in entry
        self.versions[key] = {**entry, "native": native}

    def found(self, entry):
        key = entry["uuid"], entry["number"]
        require(key in self.versions and key not in self.gone, "order")
        require(self.versions[key]["item"] == entry["item"], "order")
        return self.versions[key]

    def correction(self, entry):
        version = self.found(entry)
        require(all(e["number"] != entry["number"] for e in self.about(entry["uuid"], "correction")), "once")
        last = self.about(entry["uuid"])[-1]
        require(last["kind"] == "version" and last["number"] == entry["number"], "order")
        require(version["time"] == entry["time"] and ("imported" in version) == ("imported" in entry), "order")

    def removal(self, entry):
        version = self.found(entry)
        require(all(e["number"] != entry["number"] for e in self.about(entry["uuid"], "removal")), "once")
        require(version["digest"] == entry["digest"], "removal")
        newest = max(e["number"] for e in self.about(entry["uuid"], "version"))
        require(newest != entry["number"] or self.withdrawn(entry["uuid"]) or "imported" in entry, "removal")

    def deletion(self, entry):
        require(self.found(entry)["digest"] == entry["digest"], "deletion")
        own = [version for (uuid, _number), version in self.versions.items() if uuid == entry["uuid"]]
        require(not any(version["native"] for version in own), "deletion")
        require(not self.about(entry["uuid"], *PLAIN), "deletion")
        self.gone.add((entry["uuid"], entry["number"]))

    def withdrawn(self, uuid):
        changes = self.about(uuid, *PLAIN)
        return bool(changes) and changes[-1]["kind"] == "withdrawal"

    def withdrawal(self, entry):
        own = self.about(entry["uuid"], "version")
        require(any((entry["uuid"], event["number"]) not in self.gone for event in own), "order")
        require(own[0]["item"] == entry["item"], "order")
        require(self.withdrawn(entry["uuid"]) == (entry["kind"] == "restoration"), "order")

    restoration = withdrawal

    def key(self, entry):
        _size, old = self.keys[-1]
        require(entry["key"] not in [key for _size, key in self.keys], "key")
        note = f"{self.origin}\nkey {entry['key']}\n"
        name, _number, encoded = old.split("+", 2)
        new_name, new_number, new_encoded = entry["key"].split("+", 2)
        new = base64.b64decode(new_encoded)
        require(new_name == name and len(new) == 33 and new[0] == 1, "key")
        require(sha(new_name.encode() + b"\n" + new)[:4].hex() == new_number, "key")
        try:
            signature = base64.b64decode(entry["signature"])
            require(signature[:4] == sha(name.encode() + b"\n" + base64.b64decode(encoded))[:4], "key")
            public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
            public_key.verify(signature[4:], note.encode())
        except (InvalidSignature, ValueError) as error:
            raise Wrong("key") from error
        # The state with this entry is the last that the old key signs.
        self.keys.append((len(self.events) + 2, entry["key"]))

    def log(self, entry):
        require(self.before is not None and not self.events, "log")
        require(entry["previous"] == self.before.origin, "log")

    def key_at(self, size):
        return [key for start, key in self.keys if start <= size][-1]


# --- A site ---------------------------------------------------------------------------------------------------------
def leaves_of(get, address, size):
    leaves = []
    while len(leaves) < size:
        number, width = len(leaves) // 256, min(256, size - len(leaves))
        name = f"{number:03}" if number < 1000 else f"x{number // 1000:03}/{number % 1000:03}"
        data = get(f"{address}/tile/entries/{name}{'' if width == 256 else f'.p/{width}'}")
        for _number in range(width):
            length = int.from_bytes(data[:2])
            leaves.append(data[2 : 2 + length])
            data = data[2 + length :]
        require(not data, "bundle")
    return leaves


def check(get, site, saved=(), now=None):
    """Return what is wrong with the record of a site, or "". `saved` are checkpoints that were kept."""
    try:
        _check(get, site, saved, now or datetime.now(UTC))
    except Wrong as wrong:
        return str(wrong)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        return f"unreadable: {error!r}"
    return ""


def _check(get, site, saved, now):
    record = json.loads(get(f"{site}/.well-known/record.json"))
    story, logs = None, {}
    for described in [*record["log"]["earlier"], record["log"]]:
        note, before = get(f"{described['address']}/checkpoint").decode(), story
        size = int(note.split("\n")[1])
        story = Story(described["origin"], described["keys"][0]["key"], before)
        leaves = leaves_of(get, described["address"], size)
        story.tell(leaves)
        origin, size, root = signed(note, story.key_at(size))
        require((origin, root) == (described["origin"], merkle(leaves)), "root")
        require([(k["from_size"], k["key"]) for k in described["keys"]] == story.keys, "keys")
        if before is not None:
            former, said = logs[before.origin][1], story.events[0]
            require(said["size"] >= len(former), "former")
            require(said["size"] > len(former) or base64.b64decode(said["root"]) == merkle(former), "former")
        logs[origin] = story, leaves
    for text in saved:
        kept(text, logs)
    require(all(time_of(event["time"]) <= now + HOUR for event in story.events), "ahead")
    rows = rows_of(get, site, record)
    compare(rows, story, now)
    for row in {row["uuid"]: row for row in sorted(rows, key=lambda row: row["number"]) if "url" in row}.values():
        check_item(get, urljoin(site, row["url"]), row, story)


def kept(text, logs):
    origin = text.split("\n")[0]
    require(origin in logs, "since")
    story, leaves = logs[origin]
    _origin, size, root = signed(text, story.key_at(int(text.split("\n")[1])))
    require(size <= len(leaves) and merkle(leaves[:size]) == root, "since")
    if match := re.search(r"— verify\.py/saved (\S+)", text):
        when = datetime.fromtimestamp(int.from_bytes(base64.b64decode(match[1])[4:]), UTC)
        for event in story.events[size:]:
            require("imported" in event or time_of(event["time"]) >= when - HOUR, "late")
        require(all(time_of(event["time"]) <= when + HOUR for event in story.events[:size]), "late")


def rows_of(get, site, record):
    rows = []
    for month in record["months"]:
        own = []
        for part in range(month["parts"]):
            own += json.loads(get(f"{site}/.well-known/record/{month['month']}/{part + 1}.json"))["versions"]
        require(len(own) == month["versions"], "month")
        require(sha("".join(sorted(row["digest"] for row in own)).encode()).hex() == month["digest"], "month")
        require(all(max(row["public_from"], row["created_at"])[:7] == month["month"] for row in own), "month")
        rows += own
    return rows


def compare(rows, story, now):
    listed = {(row["uuid"], row["number"]): row for row in rows}
    require(len(listed) == len(rows), "twice")
    require(story.versions.keys() - story.gone <= listed.keys(), "missing")
    for key, row in listed.items():
        if key not in story.versions:
            require(now - max(time_of(row["public_from"]), time_of(row["created_at"])) < timedelta(minutes=10), "row")
            continue
        check_row(row, key, story)
        require(("url" in row) != story.withdrawn(row["uuid"]), "withdrawn")


def check_row(row, key, story):
    logged = story.versions[key]
    require(key not in story.gone, "deleted")
    require((logged["item"], logged["digest"]) == (row["type"], row["digest"]), "row")
    require(logged["time"] == row["public_from"], "date")
    require(not logged["native"] or time_of(row["created_at"]) <= time_of(row["public_from"]) + HOUR, "date")
    for kind, said in (("correction", row.get("correction")), ("removal", row.get("removed") or None)):
        entries = [event for event in story.about(row["uuid"], kind) if event["number"] == row["number"]]
        require(bool(entries) == (said is not None), kind)
        require(kind != "correction" or not entries or entries[0]["digest"] == said, kind)


# --- One item -------------------------------------------------------------------------------------------------------
def check_item(get, url, row, story):
    evidence = json.loads(get(f"{url}evidence.json"))
    version, history = evidence["version"], evidence["history"]
    require((version["type"], version["uuid"]) == (row["type"], row["uuid"]), "other")
    previous = ""
    for place, one in enumerate(history, 1):
        require(one["number"] == place, "gap")
        if "content_digest" in one:
            require(digest_of(one, previous) == one["digest"], "chain")
            correction = {"correction": one["correction"]["digest"]} if "correction" in one else {}
            shown = {**one, **correction, "removed": one.get("removed")}
            if not correction:
                shown.pop("correction", None)
            require((one["uuid"], place) in story.versions, "row")
            check_row(shown, (one["uuid"], place), story)
        previous = one["digest"]
    shown = [one["number"] for one in history if "public_from" in one]
    logged = sorted(number for uuid, number in story.versions if uuid == row["uuid"])
    require(shown == logged and version["number"] == logged[-1], "newest")
    own = history[version["number"] - 1]
    require(all(own.get(name) == version.get(name) for name in own), "history")
    page = lxml_html.fromstring(get(url).decode())
    check_dates(page, version["type"], [one for one in history if "public_from" in one])
    if "content" in version:
        require(sha(version["content"].encode()).hex() == version["content_digest"], "content")
        content = json.loads(version["content"])
        require(content["uuid"] == row["uuid"], "content")
        check_images(get, url, page)
        check_words(page, version["type"], content)


def digest_of(version, previous):
    parts = [previous, *(version[name] for name in ("uuid", "number", "public_from", "created_at", "note"))]
    parts.append(version["content_digest"])
    if change := version.get("correction"):
        said = [version["uuid"], version["number"], change["kind"], change["made_at"], change["supersedes"]]
        said += [change["changed_facts"]] if change.get("changed_facts") else []
        require(sha(dump(said)).hex() == change["digest"], "correction")
        parts.append(change["digest"])
    return sha(dump(parts)).hex()


def find(element, name):
    """Return the elements with a class."""
    return element.xpath(f'.//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]')


def plain(element):
    return "".join(element.itertext())


def packed(text):
    return "".join(text.split())


def check_dates(page, kind, versions):
    moments = {time_of(one["public_from"]) for one in versions}
    (main,) = page.iter("main")
    blocks = [
        block
        for name in ("version-log", "page-history", "dossier__history", "corrections", "changes")
        for block in find(main, name)
    ]
    for block in blocks:
        for time in block.iter("time"):
            require(datetime.strptime(time.get("datetime"), "%Y-%m-%dT%H:%M:%S%z") in moments, "page date")
            numbers = [int(number) for number in re.findall(r"\d+", plain(time))]
            require({int(time.get("datetime")[:4]), int(time.get("datetime")[8:10])} <= set(numbers), "page date")
    for log in find(main, "version-log"):
        numbers = re.findall(r"\d+", "".join(log.xpath(".//text()[not(ancestor::time)]")))
        require(numbers == [str(len(versions))], "page version")
        first = next(log.iter("time")).get("datetime")
        require(datetime.strptime(first, "%Y-%m-%dT%H:%M:%S%z") == time_of(versions[0]["public_from"]), "page date")
    if kind == "article":
        shown = []
        for block in [*find(main, "corrections"), *find(main, "changes")]:
            for item in block.iter("li"):
                for label in [*item.iter("time", "em", "b"), *find(item, "changes__version")]:
                    label.drop_tree() if label.getparent() is not None else None
                for facts in find(item, "changed-facts"):
                    facts.drop_tree()
                shown.append(packed(plain(item)))
        wanted = [packed(one["note"]) for one in versions[1:] if one["note"]]
        require(sorted(shown) == sorted(wanted), "notes")


def check_images(get, url, page):
    """Check that each image file is the one that its name says. Pages without such names are of tests."""
    for source in {image.get("src") for figure in page.iter("figure") for image in figure.iter("img")}:
        if match := re.search(r"/([0-9a-f]{64})\.\w+$", source or ""):
            require(sha(get(urljoin(url, source))).hex() == match[1], "image")


def check_words(page, kind, content):
    (main,) = page.iter("main")
    for name in ("thread", "related", "share", "gate", "newsletter-line", "story", "series", "author-box", "topics"):
        for element in find(main, name):
            element.drop_tree()
    for element in list(main.iter("nav", "form", "button", "script", "style")):
        element.drop_tree()
    shown = [packed(plain(element)) for element in find(main, "page-header__title")]
    require(shown == [packed(content["title" if kind == "dossier" else "headline"])], "headline")
    standfirst = "".join(packed(plain(element)) for element in find(main, "page-header__standfirst"))
    require(standfirst == packed(content.get("standfirst", "")), "standfirst")
    names = [
        packed(plain(name))
        for byline in find(main, "byline")
        for name in byline.iter("bdi")
        if not name.xpath('ancestor::*[contains(@class, "dotted")]')
    ]
    require(names == [packed(byline["name"]) for byline in content.get("bylines", ())], "byline")
    require(body_on_page(main) == body_in(kind, content), "text")
    alts = [packed(image.get("alt") or "") for figure in main.iter("figure") for image in figure.iter("img")]
    require(alts == [packed(image["alt"]) for image in pictures_in(content)], "alt")
    check_rest(main, content)


def check_rest(main, content):
    """Compare what stands below the text, and look for words that belong to nothing."""
    known = {
        "page-header__title", "page-header__standfirst", "byline", "prose", "dossier__summary", "version-log",
        "page-history", "dossier__history", "corrections", "changes", "endnotes", "how-we-know", "sources", "entries",
        "article__url", "article__label", "label", "figure", "audio-player", "contents", "report-link",
        "article-actions", "translations", "picks-beside", "gift-notice",
    }  # fmt: skip
    answers = [packed(plain(answer)) for box in find(main, "how-we-know") for answer in box.iter("dd")]
    names = ("why_written", "how_known", "not_known", "interests", "ai_use")
    told = content.get("how_we_know", {})
    require(answers == [packed(told[name]) for name in names if told.get(name)], "answers")
    items = [item for box in find(main, "sources") for item in box.iter("li")]
    titles = [packed("".join(item.xpath(".//text()[not(ancestor::small)]"))) for item in items]
    for item, source in zip(items, content.get("sources", ()), strict=False):
        details = packed("".join(item.xpath(".//small//text()")))
        require(all(packed(source.get(name, "")) in details for name in ("author", "publisher")), "sources")
    require(titles == [packed(source["title"]) for source in content.get("sources", ())], "sources")
    for text in main.xpath(".//text()[normalize-space()]"):
        parent = text.getparent() if not text.is_tail else text.getparent().getparent()
        above = [parent, *parent.iterancestors()]
        classes = {name for element in above for name in (element.get("class") or "").split()}
        require(classes & known or any(element.tag in {"figure", "h2"} for element in above), f"stray {text}")


def body_on_page(main):
    """Return the words of text, captions and notes, and where links lead."""
    words, links, margin = [], [], []
    for element in [*find(main, "prose"), *find(main, "dossier__summary"), *find(main, "article__lead")]:
        links += [
            link.get("href")
            for link in element.iter("a")
            if not link.get("role") and "embed__link" not in (link.get("class") or "")
        ]
        for extra in [*find(element, "cite"), *find(element, "sidenote"), *find(element, "embed")]:
            margin += [packed(plain(extra)).lstrip(",")] if "embed" not in extra.get("class") else []
            extra.drop_tree()
        words.append(packed(plain(element)))
    for item in [item for box in find(main, "endnotes") for item in box.iter("li")]:
        for back in item.xpath('.//a[@role="doc-backlink"]'):
            back.drop_tree()
        words.append(packed(plain(item)))
    entries = [packed(plain(text)) for text in find(main, "entry__description")]
    return sorted(words), links, entries, sorted(margin)


def pictures_in(content):
    """Return the images of a text in the order of the page."""
    shown = [content["lead"]["uuid"]] if content.get("lead") else []
    if "body" in content:
        body = lxml_html.fromstring(f"<div>{content['body']}</div>")
        shown += [figure.get("data-image") for figure in body.iter("figure")]
    return [content["pictures"][uuid] for uuid in shown if uuid in content.get("pictures", {})]


def body_in(kind, content):
    body = lxml_html.fromstring(f"<div>{content['summary' if kind == 'dossier' else 'body']}</div>")
    links = [link.get("href") for link in body.iter("a")]
    notes = []
    for mark in body.xpath(".//*[@data-footnote]"):
        notes.append(packed(mark.get("data-footnote")))
        mark.drop_tree()
    for figure in list(body.iter("figure")):
        details = content["pictures"].get(figure.get("data-image"))
        if details is None:
            figure.drop_tree()
            continue
        caption = "".join(plain(part) for part in figure.iter("figcaption")) or details["caption"]
        figure.clear(keep_tail=True)
        figure.text = f"{caption}{details['credit']}"
    for aside in body.xpath(".//aside[@data-by]"):
        aside.append(lxml_html.fromstring("<p></p>"))
        aside[-1].text = aside.get("data-by")
    words = [packed(plain(body)), *notes]
    if lead := content.get("lead"):
        details = content["pictures"][lead["uuid"]]
        words.append(packed(f"{lead['caption'] or details['caption']}{details['credit']}"))
    margin = [f"{number}{text}" for number, note in enumerate(notes, 1) for text in ("", note)]
    return sorted(words), links, [packed(entry["text"]) for entry in content.get("entries", ())], sorted(margin)
