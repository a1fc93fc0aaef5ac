"""A publication in memory, with all that outsiders read, and an owner who can change and sign everything."""

import base64
import copy
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truthlytics.transparency.merkle import leaf_hash, root_of
from truthlytics.transparency.notes import Head, Note, Signer
from truthlytics.transparency.outside.published import LISTED
from truthlytics.transparency.outside.signatures import saved_line
from truthlytics.transparency.outside.site import Unreadable
from truthlytics.web.canonical_json import canonical, format_time

SITE, ORIGIN = "https://news.example", "news.example/record/log"
START = datetime(2026, 5, 3, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 4)]


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def uuid_of(number):
    return f"{number:08x}-0000-4000-8000-{number:012x}"


class World:
    """`items` has the versions of each item, by UUID; `log` the entries; `signers` the keys with their first size."""

    def __init__(self):
        self.items, self.log, self.withdrawn, self.slugs = {}, [], set(), {}
        self.types = {}
        self.signers = [(Signer(ORIGIN, KEYS[0]), 0)]
        # Pages that are not what the record says, by path: a function that changes the HTML.
        self.lies = {}
        self.now = START

    def copy(self):
        other = copy.copy(self)
        for name in ("items", "log", "withdrawn", "slugs", "types", "signers", "lies"):
            setattr(other, name, copy.deepcopy(getattr(self, name)) if name != "signers" else list(self.signers))
        return other

    # --- What an honest owner does ----------------------------------------------------------------------------------
    def pass_time(self, time=HOUR):
        self.now += time
        return self.now

    def publish(self, number, words, *, item="article", kind="", note="", imported=False, at=None):
        uuid, time = uuid_of(number), at or self.pass_time()
        versions = self.items.setdefault(uuid, [])
        self.types[uuid], self.slugs[uuid] = item, f"/{item}s/{number}/"
        version = {
            "type": item,
            "uuid": uuid,
            "number": len(versions) + 1,
            "public_from": format_time(time),
            "created_at": format_time(self.now),
            "note": note,
            "content": canonical(content_of(uuid, words, item)),
            "imported": imported,
        }
        if kind:
            version["correction"] = {"kind": kind, "made_at": format_time(self.now), "supersedes": None}
        versions.append(version)
        self.digest(uuid)
        self.log += self.entries_of(version)

    def entries_of(self, version):
        own = [self.entry("version", version, digest=version["digest"])]
        if "correction" in version:
            own.append(self.entry("correction", version, digest=version["correction"]["digest"]))
        return own

    def entry(self, kind, version, *, digest="", time=""):
        made = {"kind": kind, "item": version["type"], "uuid": version["uuid"], "time": time or version["public_from"]}
        if digest:
            made |= {"number": version["number"], "digest": digest}
        return made | ({"imported": True} if version["imported"] and not time else {})

    def event(self, kind, number, version=0):
        """Add an entry about what happens now to an item, or to a version of it."""
        one = self.items[uuid_of(number)][(version or 1) - 1]
        self.log.append(
            self.entry(kind, one, digest=one["digest"] if version else "", time=format_time(self.pass_time()))
        )

    def withdraw(self, number):
        self.event("withdrawal", number)
        self.withdrawn.add(uuid_of(number))

    def restore(self, number):
        self.event("restoration", number)
        self.withdrawn.discard(uuid_of(number))

    def redact(self, number, version):
        self.event("removal", number, version)
        one = self.items[uuid_of(number)][version - 1]
        del one["content"]
        one["removed"] = "A court said so."

    def undo(self, number):
        self.event("deletion", number, 1)
        del self.items[uuid_of(number)]

    def rotate(self, key):
        signer, old = Signer(ORIGIN, key), self.signers[-1][0]
        text = str(signer.verifier_key())
        signature = old.sign(f"{ORIGIN}\nkey {text}\n").encoded
        self.log.append({"kind": "key", "time": format_time(self.pass_time()), "key": text, "signature": signature})
        self.signers.append((signer, len(self.log) + 1))

    # --- What is signed and computed --------------------------------------------------------------------------------
    def digest(self, uuid):
        """Compute the digests of all versions of an item anew."""
        previous = ""
        for version in self.items[uuid]:
            if "content" in version:
                version["content_digest"] = sha(version["content"])
            parts = [previous, *(version[name] for name in ("uuid", "number", "public_from", "created_at", "note"))]
            parts.append(version["content_digest"])
            if change := version.get("correction"):
                said = [version["uuid"], version["number"], change["kind"], change["made_at"], change["supersedes"]]
                change["digest"] = sha(canonical(said))
                parts.append(change["digest"])
            version["digest"] = previous = sha(canonical(parts))

    def checkpoint(self, size=None):
        size = len(self.log) if size is None else size
        hashes = [leaf_hash(canonical(entry).encode()) for entry in self.log[:size]]
        signer = [signer for signer, start in self.signers if start <= size][-1]
        text = str(Head(ORIGIN, size, root_of(hashes)))
        return str(Note(text, (signer.sign(text),)))

    def save(self):
        """Return the checkpoint as verify.py keeps it."""
        return self.checkpoint() + saved_line(int(self.now.timestamp()))

    # --- What outsiders read ----------------------------------------------------------------------------------------
    def files(self):
        """Return all that the site serves, by path."""
        rows = [self.row(version) for versions in self.items.values() for version in versions]
        months = {}
        for row in rows:
            months.setdefault(max(row["public_from"], row["created_at"])[:7], []).append(row)
        keys = [{"key": str(signer.verifier_key()), "from_size": size} for signer, size in self.signers]
        log = {"origin": ORIGIN, "address": f"{SITE}/record/log", "keys": keys, "witnesses": [], "earlier": []}
        counted = [
            {"month": month, "versions": len(own), "parts": 1, "digest": sha("".join(sorted(r["digest"] for r in own)))}
            for month, own in sorted(months.items())
        ]
        head = sha(canonical([{name: value for name, value in one.items() if name != "parts"} for one in counted]))
        files = {"/.well-known/record.json": canonical({"months": counted, "head": head, "log": log})}
        for month, own in months.items():
            files[f"/.well-known/record/{month}/1.json"] = canonical({"versions": own})
        files["/record/log/checkpoint"] = self.checkpoint()
        leaves = [canonical(entry).encode() for entry in self.log]
        files[f"/record/log/tile/entries/000.p/{len(leaves)}"] = b"".join(
            len(leaf).to_bytes(2, "big") + leaf for leaf in leaves
        )
        for uuid, versions in self.items.items():
            if versions and uuid not in self.withdrawn:
                files |= self.pages(uuid, versions)
        files |= copies_of(self)
        return {path: self.lies.get(path, lambda same: same)(text) for path, text in files.items()}

    def shared_evidence(self):
        """Return what the evidence of each version says of the log."""
        keys = [{"key": str(signer.verifier_key()), "from_size": size} for signer, size in self.signers]
        log = {"origin": ORIGIN, "address": f"{SITE}/record/log", "keys": keys, "earlier": []}
        key = [key["key"] for key in keys if key["from_size"] <= len(self.log)][-1]
        return {"log": log, "key": key, "checkpoint": self.checkpoint(), "witnesses": [], "witnesses_needed": 0}

    def row(self, version):
        names = ("type", "uuid", "number", "digest", "public_from", "created_at")
        row = {name: version[name] for name in names}
        if version["uuid"] not in self.withdrawn:
            row["url"] = self.slugs[version["uuid"]]
        if "correction" in version:
            row["correction"] = version["correction"]["digest"]
        return row | ({"removed": True} if "removed" in version else {})

    def pages(self, uuid, versions):
        history = [{k: v for k, v in version.items() if k not in {"content", "imported"}} for version in versions]
        path, files, shared = self.slugs[uuid], {}, self.shared_evidence()
        for place, version in enumerate(versions, 1):
            shown = {k: v for k, v in version.items() if k != "imported"}
            previous = versions[place - 2]["digest"] if place > 1 else ""
            about = [entry for entry in self.log if (entry.get("uuid"), entry.get("number")) == (uuid, place)]
            index = self.log.index(about[0]) if about else 0
            entry = {"index": index, "leaf": canonical(self.log[index]), "proof": []}
            evidence = canonical({"version": shown, "previous": previous, "history": history, "entry": entry, **shared})
            for address in [f"{path}versions/{place}/"] + [path] * (place == len(versions)):
                files |= {address: page_of(versions[:place]), f"{address}evidence.json": evidence}
        return files

    def get(self):
        """Return a function that reads the site as it is now."""
        files = self.files()

        def read(url):
            text = files.get(urlsplit(url).path)
            if text is None:
                raise Unreadable(f"{url}: 404")
            return text if isinstance(text, bytes) else text.encode()

        return read


def content_of(uuid, words, item):
    if item == "dossier":
        return {"uuid": uuid, "title": words, "summary": f"<p>{words}</p>", "entries": [], "pieces": []}
    image = {"sha256": sha("file"), "alt": f"A picture of {words}", "caption": f"What {words} is", "credit": "N. N."}
    body = f'<p>It says {words}.<sup data-footnote="So {words}."></sup></p><figure data-image="i"></figure>'
    return {
        "uuid": uuid,
        "headline": words,
        "standfirst": f"About {words}",
        "body": f'{body}<p><a href="/x">More</a></p>',
        "pictures": {"i": image},
        "bylines": [{"name": "A. Name"}] if item == "article" else [],
        "sources": [{"title": "A source", "author": "S. Name"}] if item == "article" else [],
        "lead": None,
    }


def copies_of(world):
    """Return what the site publishes beside the pages, by path: sitemap, feeds, copies and lists."""
    shown = {world.slugs[uuid]: own for uuid, own in world.items.items() if own and uuid not in world.withdrawn}
    links = "".join(f'<a href="{path}">News</a>' for path in shown)
    urls = "".join(f"<url><loc>{SITE}{path}</loc></url>" for path in shown)
    files = {
        "/robots.txt": f"Sitemap: {SITE}/sitemap.xml",
        "/sitemap.xml": f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>',
        "/corrections/": document(f"<ol>{''.join(corrections_of(own) for own in shown.values())}</ol>"),
        "/feeds/rss.xml": "<rss/>",
        "/feeds/atom.xml": "<feed/>",
        "/feeds/feed.json": canonical({"items": []}),
        **dict.fromkeys(("/", "/latest/"), document(links)),
    }
    for path, versions in shown.items():
        entries = [f'<li class="history__version">{dated_note(one)}</li>' for one in versions]
        files[f"{path}history/"] = document(f"<ol>{''.join(reversed(entries))}</ol>")
        if "content" in versions[-1] and path.startswith("/articles"):
            content = _loaded(versions[-1]["content"])
            words = content["headline"]
            facts = facts_of(versions, content)
            files[f"{path[:-1]}.json"] = canonical({**facts, "html": f"<p>It says {words}.</p><p>More</p>"})
            front = "".join(f"{name}: {canonical(value)}\n" for name, value in facts.items())
            files[f"{path[:-1]}.md"] = f"---\n{front}---\n\nIt says {words}.[^1]\n\n[More](/x)\n"
    return files


def document(main, title="News"):
    """Return a page of the site with this text in its main part."""
    head = f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head>'
    return f'{head}<body><header class="masthead"><nav>Home</nav></header><main>{main}</main></body></html>'


def facts_of(versions, content):
    listed = [{"note": one["note"]} for one in versions if one.get("correction", {}).get("kind") in LISTED]
    return {
        "id": content["uuid"], "version": len(versions), "digest": versions[-1]["digest"], "corrections": listed,
        "public_from": versions[-1]["public_from"], "headline": content["headline"], "authors": ["A. Name"],
        "standfirst": content["standfirst"],
    }  # fmt: skip


def dated_note(version):
    words = version["note"] or ("First version." if version["number"] == 1 else "")
    return f'{time_tag(version["public_from"])}<p class="history__note">{words}</p>'


def corrections_of(versions):
    listed = [one for one in versions if one.get("correction", {}).get("kind") in LISTED]
    return "".join(
        f'<li class="correction"><p class="correction__facts">{time_tag(one["public_from"])} <b>Correction</b></p>'
        f'<p class="correction__sentence">{one["note"]}</p></li>'
        for one in listed
    )


def page_of(versions):
    content = _loaded(versions[-1]["content"]) if "content" in versions[-1] else {}
    title = content.get("headline", content.get("title"))
    return document(main_of(versions), title)


def main_of(versions):
    newest = versions[-1]
    if "content" not in newest:
        return '<p class="removed-text">Removed.</p>'
    content = _loaded(newest["content"])
    kind = newest["type"]
    if kind == "dossier":
        return (
            f'<h1 class="page-header__title">{content["title"]}</h1>{dates_of(versions, "dossier__history")}'
            f'<div class="dossier__summary">{content["summary"]}</div>'
        )
    words, image = content["headline"], content["pictures"]["i"]
    figure = f'<figure class="figure"><picture><img src="/media/x.jpg" alt="{image["alt"]}"></picture><figcaption>'
    figure += f'{image["caption"]} <span class="figure__credit">{image["credit"]}</span></figcaption></figure>'
    byline = '<div class="byline"><p>By <a href="/a"><bdi>A. Name</bdi></a></p></div>' if kind == "article" else ""
    sources = '<section class="sources"><h2>Sources</h2><ol><li><span>A source</span><small>S. Name</small></li></ol>'
    return f"""<h1 class="page-header__title">{words}</h1>
      <p class="page-header__standfirst">{content["standfirst"]}</p>{byline}
      {dates_of(versions, "version-log" if kind == "article" else "page-history")}
      <div class="prose"><p>It says {words}.<sup class="cite"><a role="doc-noteref" href="#n">1</a></sup><small
      class="sidenote"><b>1</b>So {words}.</small></p>{figure}<p><a href="/x">More</a></p></div>
      <section class="endnotes"><h2>Notes</h2><ol><li>So {words}. <a role="doc-backlink" href="#r">↑</a></li></ol>
      </section>{f"{sources}</section>" if kind == "article" else ""}
      {changes_of(versions) if kind == "article" else ""}<section class="thread"><p>A comment.</p></section>"""


def time_tag(text):
    day = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return f'<time datetime="{text[:-1]}+0000">{day.day} {day:%B %Y}</time>'


def dates_of(versions, name):
    first, last = time_tag(versions[0]["public_from"]), time_tag(versions[-1]["public_from"])
    if name == "version-log":
        updated = f"<li>Updated {last}</li>" if len(versions) > 1 else ""
        number = f'<li><a href="/history/">Version {len(versions)}</a></li>'
        return f'<ul class="{name}"><li>Published {first}</li>{updated}{number}</ul>'
    return f'<div class="{name}"><p>Updated {last}</p></div>'


def changes_of(versions):
    noted = [version for version in versions[1:] if version["note"]]
    items = "".join(f"<li>{time_tag(one['public_from'])} <span>{one['note']}</span></li>" for one in noted)
    return f'<section class="changes"><h2>Changes</h2><ol>{items}</ol></section>' if noted else ""


@cache
def _loaded(text):
    import json

    return json.loads(text)


@cache
def _honest():
    world = World()
    world.publish(1, "an old promise", imported=True, at=START - 400 * DAY)
    world.publish(2, "another import", imported=True, at=START - 300 * DAY)
    world.publish(3, "a page", item="page", imported=True, at=START - 200 * DAY)
    world.publish(4, "the harbour has 41 berths")
    world.publish(5, "a law")
    world.publish(4, "the harbour has 42 berths", kind="correction", note="We had 41 berths.")
    world.publish(6, "what went on", item="dossier")
    world.rotate(KEYS[1])
    world.publish(5, "a law, passed")
    world.publish(7, "gone soon")
    world.withdraw(7)
    world.publish(5, "a law, passed at last", note="It passed.")
    world.redact(5, 1)
    world.undo(2)
    world.publish(8, "away and back")
    world.withdraw(8)
    world.restore(8)
    world.pass_time(5 * DAY)
    return world


def honest():
    """Return a publication with everything that can happen, which goes on for some days after it."""
    return _honest().copy()


def root_in(note):
    return base64.b64decode(note.split("\n")[2])
