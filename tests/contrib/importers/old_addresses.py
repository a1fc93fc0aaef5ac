"""The addresses that a site had, from its export, without the importer; and whether they lead to the right pages."""

import json
from collections import Counter
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponseNotFound
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from articles.middleware import RedirectMiddleware
from articles.models import Author, Section, Topic
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.contrib.importers.plan import item_of


def of_wordpress(path):
    """Yield (kind, address, what it showed) of a well-formed export. What it showed is (kind, id or name)."""
    root = ElementTree.parse(path).getroot()
    channel = root.find("channel")
    items = [{_name(child): (child.text or "").strip() for child in item} for item in channel.iter("item")]
    shown = {}
    for item in items:
        if item["status"] == "publish" and item["post_type"] in {"post", "page"} and not item.get("post_password"):
            kind = {"post": "article", "page": "page"}[item["post_type"]]
            shown[item["post_id"]] = thing = (kind, item["post_id"])
            if (link := urlsplit(item["link"])).path.strip("/"):
                yield kind, link.path, thing
                yield "feed of an article or page", f"{link.path.rstrip('/')}/feed/", thing
            yield "?p=", f"/?p={item['post_id']}", thing
            if kind == "page":
                yield "?page_id=", f"/?page_id={item['post_id']}", thing
    for item in items:
        if item["post_type"] == "attachment" and item["post_parent"] in shown:
            yield "?attachment_id=", f"/?attachment_id={item['post_id']}", shown[item["post_parent"]]
    for element in channel:
        fields = {_name(child): (child.text or "").strip() for child in element}
        match _name(element):
            case "category" if fields.get("category_nicename"):
                thing = ("category", fields["cat_name"])
                yield "category", f"/category/{fields['category_nicename']}/", thing
                yield "?cat=", f"/?cat={fields['term_id']}", thing
                yield "feed of a list", f"/category/{fields['category_nicename']}/feed/", ("feed", thing)
            case "tag":
                yield "tag", f"/tag/{fields['tag_slug']}/", ("tag", fields["tag_name"])
                yield "further page", f"/tag/{fields['tag_slug']}/page/2/", ("tag", fields["tag_name"])
            case "author" if fields.get("author_login"):
                yield "author", f"/author/{fields['author_login']}/", ("author", fields["author_display_name"])


def of_ghost(path):
    """Yield the same of an export of Ghost with permalinks of only a slug."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    root = document["db"][0] if "db" in document else document
    tables = root["data"]["data"] if "data" in root["data"] else root["data"]
    # Of a post and a page with the same slug, one had the address.
    taken = set()
    for row in tables["posts"]:
        is_public = row.get("visibility", "public") == "public" or row.get("type") != "page"
        if row["status"] == "published" and is_public and row["slug"] not in taken:
            taken.add(row["slug"])
            is_page = row.get("type") == "page" or str(row.get("page", 0)) == "1"
            thing = ("page" if is_page else "article", str(row["id"]))
            yield thing[0], f"/{row['slug']}/", thing
            yield "AMP", f"/{row['slug']}/amp/", thing
            yield "preview", f"/p/{row['uuid']}/", thing
    for row in tables.get("tags", ()):
        if row.get("visibility", "public") == "public" and not row["name"].startswith("#"):
            thing = ("tag", row["name"])
            yield "tag", f"/tag/{row['slug']}/", thing
            yield "feed of a list", f"/tag/{row['slug']}/rss/", ("feed", thing)
            yield "further page", f"/tag/{row['slug']}/page/2/", thing
    for row in tables.get("users", ()):
        yield "author", f"/author/{row['slug']}/", ("author", row["name"])


# The forms of an address in which links to it may be. Their letters may be written in several ways.
VARIANTS = (
    lambda path: path,
    lambda path: path.rstrip("/"),
    lambda path: quote(path.rstrip("/")),
    lambda path: quote(path).replace("%D", "%d").replace("%C", "%c"),
    lambda path: f"{path}?utm_source=x",
)


def check(client, addresses, *, is_sample):
    """Return how many addresses lead to the right page, by kind, and a list of those that do not.

    Each is asked in all variants, and the page that it leads to. In a sample, each is asked in one of the variants in
    turn, without the middleware that has nothing to do with it, and every tenth page. Lists that nothing here is in do
    not count. A page of this site that has an old address stays there, and counts as a kind of its own.
    """
    pages, right, wrong = _Pages(client), Counter(), []
    ask = _redirected if is_sample else client.get
    for number, (kind, address, thing) in enumerate(addresses):
        wanted = pages.of(thing)
        if wanted is None:
            continue
        path = f"/{unquote(address).lstrip('/')}"
        if _is_own(path):
            right["a page of this site"] += 1
            continue
        variants = [path, f"{path}&utm_source=x"] if "?" in path else [variant(path) for variant in VARIANTS]
        answers = [ask(path) for path in (variants[number % len(variants) :][:1] if is_sample else variants)]
        found = {(answer.status_code, answer.headers.get("Location")) for answer in answers}
        if found != {(301, wanted)}:
            wrong.append((kind, variants, found, wanted))
        elif not (is_sample and number % 10) and not pages.answers(wanted):
            wrong.append((kind, address, f"{wanted} does not answer"))
        else:
            right[kind] += 1
    return dict(right), wrong


def _redirected(path):
    """Return what the middleware for redirects answers if there is no such page."""
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.session = {}
    return RedirectMiddleware(lambda request: HttpResponseNotFound())(request)


def _is_own(path):
    """Return whether this site itself has a page at `path`, such as `/contact/`."""
    try:
        return not resolve(path).kwargs and path != "/"
    except Resolver404:
        return False


class _Pages:
    """Finds the new addresses of what was shown, and asks each of them once."""

    def __init__(self, client):
        self.client, self.answered = client, {}
        imported = ImportedObject.objects.exclude(kind="comment").select_related("article", "page")
        self.items = {(row.kind, row.source_id): item_of(row) for row in imported}
        self.lists = {
            model: {row.name.casefold(): row for row in model.objects.all()} for model in (Section, Topic, Author)
        }

    def of(self, thing):
        """Return the address of the page that shows `thing` now; None for a list that nothing is in."""
        kind, name = thing
        if kind == "feed":
            address = self.of(name)
            return address and f"{address}feeds/rss.xml"
        if kind in {"article", "page"}:
            return self.items[kind, name].get_absolute_url()
        models = (Author,) if kind == "author" else (Section, Topic)
        rows = (self.lists[model].get(" ".join(name.split()).casefold()) for model in models)
        row = next(filter(None, rows), None)
        return row.get_absolute_url() if row else None

    def answers(self, address):
        if address not in self.answered:
            self.answered[address] = self.client.get(address).status_code == 200
        return self.answered[address]


def _name(element):
    return element.tag.rpartition("}")[2]
