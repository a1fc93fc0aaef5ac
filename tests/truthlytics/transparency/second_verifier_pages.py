"""The second verifier: the page of one item, and the versions that it shows."""

import json
import re
from datetime import datetime
from urllib.parse import urljoin

from lxml import html as lxml_html

from tests.truthlytics.transparency.second_verifier_story import check_row, dump, require, sha, time_of


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
        content, whole = json.loads(version["content"]), sha(version["content"].encode()).hex()
        if "free" in content:
            whole = sha(dump({**content["free"], "whole": whole})).hex()
        require(whole == version["content_digest"], "content")
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
    headline = packed(content["title" if kind == "dossier" else "headline"])
    require(shown == [headline], "headline")
    searched = [packed(plain(title)) for title in page.xpath("/html/head/title")]
    named = [headline, packed(content.get("seo", {}).get("title", ""))]
    require(len(searched) == 1 and any(name and searched[0].startswith(name) for name in named), "title")
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
        "article-actions", "translations", "picks-beside", "gift-notice", "ai-label", "responsibility-line",
    }  # fmt: skip
    boxes = [answer for box in find(main, "how-we-know") for answer in box.iter("dd")]
    special = ("data-ai-uses", "data-review", "data-outside-record")
    answers = [packed(plain(answer)) for answer in boxes if not any(name in answer.attrib for name in special)]
    used = " ".join(answer.get("data-ai-uses") for answer in boxes if "data-ai-uses" in answer.attrib)
    require(used.split() == [use for use in content.get("ai_uses", ()) if use != "none"], "use of AI")
    named = [[packed(plain(name)) for name in box.iter("bdi")] for box in boxes if "data-review" in box.attrib]
    recorded = [(one["name"], one["role"], str(one["reviewer"])) for one in content.get("reviews", ())]
    require(named == [[packed(part) for part in (one[:2] if one[0] else one[1:])] for one in recorded], "reviews")
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
