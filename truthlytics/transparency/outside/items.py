"""Checking one article, dossier or page: its versions, its page, and its images."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from truthlytics.transparency.outside.expected import (
    change_problems,
    date_problems,
    differences,
    images_not_shown,
    missing_notes,
    unknown_figures,
)
from truthlytics.transparency.outside.pages import Page
from truthlytics.transparency.outside.record import Row, row_problem, version_problem
from truthlytics.transparency.outside.rules import Fault, Ledger, named_version, seconds
from truthlytics.transparency.outside.site import Fetch, Unreadable, fetch_json
from truthlytics.transparency.outside.summary import proven_of

_MEDIA = re.compile(r"/([0-9a-f]{64})\.[a-z0-9]+$")
_OLD_VERSION = re.compile(r"versions/([0-9]+)/$")


class Checked(NamedTuple):
    """What was found about one version: sentences on what holds, faults, and the words outside the record.

    `content` is None if it is not public. `own_marks` are the parts that the publication itself says are outside, and
    `foreign` the hosts of scripts.
    """

    holds: list[str]
    faults: list[Fault]
    outside: list[str]
    content: Row | None = None
    history: list[Row] = []
    own_marks: list[str] = []
    foreign: list[str] = []
    page: Page | None = None
    evidence: Row = {}


class Item(NamedTuple):
    """An item as the site lists it. `url` is its address."""

    type: str
    uuid: str
    url: str


def item_of(rows: list[Row], address: str) -> Item | None:
    """Return the item that the site lists with this address, or with that of one of its versions."""
    path = _OLD_VERSION.sub("", urllib.parse.urlsplit(address).path)
    for row in rows:
        if row.get("url") == path:
            return Item(row["type"], row["uuid"], address.split("?")[0].split("#")[0].rstrip("/") + "/")
    return None


def old_item(item: Item, place: int) -> Item:
    """Return the address of an old version of `item`, the `place`th that readers count."""
    return item._replace(url=f"{_OLD_VERSION.sub('', item.url)}versions/{place}/")


def check_item(
    get: Fetch, item: Item, ledger: Ledger, *, images: bool = True, rows: Mapping[tuple[str, int], Row] | None = None
) -> Checked:
    """Check the version at the address of `item`, the digests of all versions before it, and its page.

    `rows` are the versions that the site lists.
    """
    evidence = fetch_json(get, item.url + "evidence.json")
    version, history = evidence["version"], evidence["history"]
    name = named_version(version["type"], version["uuid"], version["number"])
    problems = list(_identity_problems(item, version, history, ledger))
    problems += [f"{named_version(v['type'], v['uuid'], v['number'])} {p}" for v, p in _chain_problems(history, ledger)]
    problems += list(_list_problems(history, rows)) if rows is not None else []
    problem = version_problem(version, evidence["previous"])
    if not problem and version != {**history[version["number"] - 1], **version}:
        problem = "is not the one in its history"
    problems += [f"{name} {problem}"] if problem else []
    position = ledger.versions[version["uuid"], version["number"]].position if not problems else -1
    faults = [Fault("version", position, f"{text[0].upper()}{text[1:]}.") for text in problems]
    if faults:
        return Checked([], faults, [], history=history, evidence=evidence)
    holds = [f"{name[0].upper()}{name[1:]}: {proven_of(ledger, version['uuid'], version['number'])}"]
    page = Page(get(item.url).decode("utf-8", "replace"), item.url)
    found = list(_page_problems(item, version, history, page, ledger))
    holds += _said_of(version, page)
    content = _public_part(version)
    if images and content is not None:
        said, wrong = check_images(get, item.url, page, version["type"], content)
        holds, found = holds + said, found + wrong
    faults = [Fault("page", position, f"{item.url}: {text}") for text in found]
    outside, marks = _words(page.outside), _words(page.own_marks)
    return Checked(holds, faults, outside, content, history, marks, page.foreign, page, evidence)


def _identity_problems(item: Item, version: Row, history: list[Row], ledger: Ledger) -> Iterator[str]:
    if (version["type"], version["uuid"]) != (item.type, item.uuid):
        yield f"{item.url} gives the evidence of {version['type']} {version['uuid']}, and not its own"
        return
    logged = sorted(number for uuid, number in ledger.versions if uuid == item.uuid)
    if [entry["number"] for entry in history] != list(range(1, len(history) + 1)):
        yield f"the history of {item.type} {item.uuid} has gaps"
        return
    shown = [entry["number"] for entry in history if "public_from" in entry]
    for number in logged:
        if number not in shown:
            yield f"the log has {named_version(item.type, item.uuid, number)}, but the site does not"
    old = _OLD_VERSION.search(item.url)
    wanted = logged[int(old[1]) - 1 : int(old[1])] if old else logged[-1:]
    if [version["number"]] != wanted and set(logged) >= set(shown):
        newest = logged[-1] if logged else 0
        yield f"the log has version {newest} of {item.type} {item.uuid}. This is version {version['number']}"


def _chain_problems(history: list[Row], ledger: Ledger) -> Iterator[tuple[Row, str]]:
    previous = ""
    for version in history:
        problem = version_problem(version, previous)
        if "public_from" in version and "content_digest" not in version:
            problem = "has no digest of its content"
        if not problem and "public_from" in version:
            row = {**version, "correction": version.get("correction", {}).get("digest", "")}
            problem = row_problem(row, ledger)
        if problem:
            yield version, problem
        previous = version["digest"]


def _list_problems(history: list[Row], rows: Mapping[tuple[str, int], Row]) -> Iterator[str]:
    """Yield how the list of all versions differs from the history of an item."""
    for version in history:
        row = rows.get((version["uuid"], version["number"]))
        name = named_version(version["type"], version["uuid"], version["number"])
        for column in ("digest", "public_from", "created_at"):
            if row is not None and "public_from" in version and row[column] != version[column]:
                yield f"{name} has the {column} {version[column]}, and the list of all versions {row[column]}"


def _page_problems(item: Item, version: Row, history: list[Row], page: Page, ledger: Ledger) -> Iterator[str]:
    content = _public_part(version)
    # The first few say what is wrong with a page that is of another form altogether.
    odd = page.odd_beside(content.get("body") or content.get("summary") or "" if content else "")
    yield from (f"The page has what no honest page has: {problem}." for problem in [*odd, *page.problems][:10])
    if content is not None:
        if content.get("uuid", item.uuid) != item.uuid:
            yield f"The content of the version is that of {content.get('uuid')}."
        yield from differences(version["type"], content, page)
        yield from _title_problems(page, content)
    versions = [entry for entry in history if "public_from" in entry]
    times = [seconds(entry["public_from"]) for entry in versions]
    notes = [(seconds(entry["public_from"]), entry["note"]) for entry in versions[1:]]
    if _OLD_VERSION.search(item.url) is None:
        yield from date_problems(version["type"], page, times, notes)
        yield from change_problems(page, versions)
        if version["type"] == "article":
            yield from missing_notes(page, notes)
            if page.parts.get("version", [""])[0].split()[:1] != [str(len(versions))]:
                yield f"The page does not say that it is version {len(versions)}."
    for address in page.parts.get("address", []):
        if urllib.parse.urlsplit(address).path != urllib.parse.urlsplit(item.url).path:
            yield f"The page says that its address is {address}."


def _title_problems(page: Page, content: Row) -> Iterator[str]:
    shown = [title.words() for head in page.root.all("head") for title in head.all("title")]
    known = [content.get("headline", content.get("title")), content.get("seo", {}).get("title")]
    if len(shown) != 1 or not any(text and shown[0].startswith(" ".join(text.split())) for text in known):
        yield f"The title of the page is “{' | '.join(shown)}”. In the record: “{known[0]}”."


def _public_part(version: Row) -> Row | None:
    """Return the content of a version, or of what is free of it, or None."""
    for name in ("content", "free"):
        if name in version:
            content: Row = json.loads(version[name])
            return content
    return None


def _said_of(version: Row, page: Page) -> Iterator[str]:
    if "removed" in version:
        yield f"Its text was removed by the publication, which gives this reason: “{version['removed']}”."
    elif "content" not in version and "free" in version:
        yield (
            "The words of its free part on the page are those in the record. The rest is not free. Readers with access "
            "to all of it can compare it, too: --page and --evidence take the page and the file evidence.json, which "
            "they have saved."
        )
    elif "content" not in version:
        yield (
            "Its text is not free, so its words could not be compared. Readers with access to all of it can: --page "
            "and --evidence take the page and the file evidence.json, which they have saved."
        )
    else:
        yield "All words of its text on the page are those in the record."
        missing = images_not_shown(version["type"], json.loads(version["content"]), page)
        if missing:
            yield f"The record has {missing} image{'s' if missing > 1 else ''} more than the page."


def check_images(get: Fetch, address: str, page: Page, kind: str, content: Row) -> tuple[list[str], list[str]]:
    """Fetch the image files on the page. Return what holds of them, and what does not."""
    recorded = {digest for image in content.get("pictures", {}).values() for digest in image.get("files", ())}
    wrong, proven, other = [], 0, 0
    digests = {}
    for source in dict.fromkeys(page.images):
        url = urllib.parse.urljoin(address, source)
        match = _MEDIA.search(urllib.parse.urlsplit(url).path)
        try:
            digest = digests[source] = hashlib.sha256(get(url)).hexdigest()
        except Unreadable:
            wrong.append(f"The image {source} cannot be read.")
            continue
        if not match or digest != match[1]:
            wrong.append(f"The image {source} is another file than its name says.")
        elif digest in recorded:
            proven += 1
        else:
            other += 1
    for alt in unknown_figures(kind, content, page, digests):
        wrong.append(f"The image “{alt}” is none of the files in the record.")
    said = []
    if proven:
        said.append(f"{proven} image file{'s are' if proven > 1 else ' is'} in the record with the text.")
    if other:
        said.append(
            f"{other} image file{'s were' if other > 1 else ' was'} made after the text was published, so the record "
            "does not show that they are the same pictures."
        )
    return said, wrong


def _words(texts: list[str]) -> list[str]:
    return [" ".join(text.split()) for text in texts if text.strip()]
