"""What the checkers cannot show: the list of docs/record.md, with what fits each of its sentences.

It looks at where something was changed, with lists of its own, and not at what the checkers do.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

# Parts of a page beside the text.
BESIDE = re.compile(
    r"<(header class=\"masthead|footer class=\"footer|a class=\"skip|nav\b)|data-outside-record|"
    r"class=\"(share|gate|report-link|topics|author-box|series|story|related|article-actions|translations|thread|"
    r"version-banner|newsletter-line|picks-beside|byline__portraits|label label--plain|article__part|"
    r"entries entries--large)\b"
)
# Parts of a page that the record has.
OF_RECORD = re.compile(
    r"class=\"(page-header__|byline|version-log|page-history|dossier|prose|figure|embed|endnotes|how-we-know|sources|"
    r"corrections|changes|entries|article__url|removed-text)\b"
)
LISTS = ("/", "/latest/")
TEXTS = re.compile(r"/(articles|dossiers|pages)/[^/]+/(versions/[0-9]+/)?")
# Elements whose words are those of the interface.
INTERFACE = re.compile(
    r"<(h2|dt|li|summary|p>|p class=\"(dotted|label|removed-text|entry__meta)|span|ul class=\"version-log|div>|"
    r"div class=\"(byline|page-history|dossier__history|audio-player|article__label)|dd data-(ai-uses|review|outside)|"
    r"a [^>]*class=\"changes__version|a [^>]*href=\"/(articles|dossiers|pages|sections)/|time class=\"entry__date)"
)
QUIET = re.compile(
    r"(id|sizes|width|height|loading|decoding|fetchpriority|aria-[a-z]+|lang|dir|role|tabindex|rel|scope|class|type|src|"
    r"srcset|data-[a-z-]+|start|datetime|href|reversed) "
)
COPIES = re.compile(r"/articles/[^/]+\.(md|json)")
# What the checkers read of copies, and what they do not read of files for programs.
KNOWN = re.compile(r"(headline|standfirst|kind|id|authors|ai_uses|digest|public_from)\b")
UNKNOWN = re.compile(
    r"(entry\.proof|page|part|month|previous)\b|witness|log\.(timestamps|witness)|log\.checkpoint$|newest"
)
WORDS = ("word changed", "text removed", "words added", "element removed", "tag removed")


class Limit(NamedTuple):
    """A sentence of docs/record.md, and whether a mutation is one that it names."""

    sentence: str
    fits: Callable


def _is_text(mutation):
    return bool(TEXTS.fullmatch(mutation.path))


def _tag(mutation):
    """Return the opening tag that was changed, or that is around the words that were."""
    tag = mutation.where.partition(" ")[2] if mutation.how.startswith("attribute") else mutation.where
    return tag if tag.startswith("<") and mutation.how != "inserted" else (mutation.inside or [""])[-1]


def _is_beside(mutation):
    is_box = (
        mutation.how == "element removed" and mutation.where.startswith("<div") and not OF_RECORD.search(mutation.gone)
    )
    is_role = {'<div class="byline">', '<span class="dotted">'} <= set(mutation.inside)
    return _is_text(mutation) and (
        is_box or is_role or any(BESIDE.search(tag) for tag in [*mutation.inside, _tag(mutation)])
    )


def _is_of_words(mutation):
    return mutation.how in WORDS or mutation.where == "A lie."


def _is_line_break(mutation):
    return (
        mutation.where.startswith("<br") and mutation.how.endswith(" removed") and "byline" in "".join(mutation.inside)
    )


def _is_marked(mutation):
    return _is_text(mutation) and "data-outside-record" in mutation.where


def _is_in_link(mutation):
    """Return whether something changed in a link of the interface: to what changed, or from a note to its place."""
    names = "changes__version", "doc-backlink"
    return any(name in tag for name in names for tag in [*mutation.inside, _tag(mutation)])


def _is_loading(mutation):
    """Return whether something changed in the head of a page that is neither its title nor a description."""
    named = any(name in mutation.where for name in ('"description"', "og:title", "og:description"))
    is_name = "<title" not in _tag(mutation) or mutation.how == "words added"
    is_script = bool(re.match(r'<script [^>]*src="/', mutation.where))
    is_missing = "<title" not in _tag(mutation) and mutation.how.endswith(" removed")
    in_head = "<head>" in mutation.inside and ((not named and is_name) or is_missing)
    is_size = mutation.where.startswith("<source") and mutation.how.endswith(" removed")
    return _is_text(mutation) and (is_script or in_head or is_size)


def _is_dated(mutation):
    return any("history__note" in tag or "correction__sentence" in tag for tag in [*mutation.inside, _tag(mutation)])


def _is_list(mutation):
    path = mutation.path
    return path in LISTS or ((path == "/corrections/" or path.endswith("/history/")) and not _is_dated(mutation))


LIMITS = {
    "beside": Limit(
        "what is on a page beside the text: menus, forms, sharing, comments, names of sections and topics, portraits "
        "and roles of authors, other articles",
        _is_beside,
    ),
    "marked": Limit(
        "what a page marks itself as outside the record (`data-outside-record`): the checkers say what it is",
        _is_marked,
    ),
    "interface": Limit(
        "words of the interface: names of dates, questions, lists and links, reading times, what is said of a review "
        "besides its names, and where the lines of a byline break",
        lambda m: (
            _is_text(m)
            and ((_is_of_words(m) and bool(INTERFACE.match(_tag(m)))) or _is_in_link(m) or _is_line_break(m))
        ),
    ),
    "attributes": Limit(
        "attributes that name, load or describe an element: its id, language, class and size, what a screen reader "
        "says of it, and where links lead that are in no text and no source",
        lambda m: _is_text(m) and m.how in ("attribute changed", "attribute removed") and bool(QUIET.match(m.where)),
    ),
    "loading": Limit(
        "how a page is loaded: style sheets and scripts, and what these hide, move or add; sizes of pictures, icons, "
        "previews, and all in its head but the title up to the name of the publication, and, if they are there, "
        "descriptions and the headline in structured data",
        _is_loading,
    ),
    "lists": Limit(
        "on lists, what is neither the address of a text nor the date or note of a version: counts, names, layout",
        _is_list,
    ),
    "feeds": Limit(
        "in feeds, sitemaps and `robots.txt`, what is neither address, title, summary nor text of an article",
        lambda m: m.path.endswith((".xml", "feed.json", ".txt")),
    ),
    "copies": Limit(
        "in copies as Markdown and JSON, what is neither text nor headline, standfirst, kind, authors, use of AI, "
        "date, digest or note",
        lambda m: bool(COPIES.fullmatch(m.path)) and not KNOWN.match(m.where),
    ),
    "programs": Limit(
        "in files for programs, fields that the checkers do not know, the way from an entry to the root (which the "
        "browser computes itself), and what a publication leaves out: its key as a witness, witnesses, time stamps",
        lambda m: m.path.endswith(".json") and (m.how == "field added" or bool(UNKNOWN.match(m.where))),
    ),
    "withheld": Limit(
        "the words of a text of which a site withholds the content, as of one that is not free: the script prints how "
        "many there are",
        lambda m: m.path.endswith("evidence.json") and m.how == "field removed" and m.where == "version.content",
    ),
}  # fmt: skip


def limit_of(mutation):
    """Return the name of the limit that a mutation fits, or None."""
    return next((name for name, limit in LIMITS.items() if limit.fits(mutation)), None)
