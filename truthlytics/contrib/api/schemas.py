"""The fields of every answer, with their JSON schemas. The OpenAPI document and `?fields=` are made from these."""

from articles.models import ChangeKind, Kind
from articles.responsibility import AIUse, ImageAIUse, ReviewedFor
from truthlytics.api.schemas import (
    ACCESS,
    ID,
    NAMED,
    NAMED_LIST,
    Schema,
    address,
    flag,
    list_of,
    moment,
    obj,
    optional,
    or_null,
    text,
    whole,
)
from truthlytics.web.types import JsonObject

DIGEST = text("Of the version, as in the record.", pattern="^[0-9a-f]{64}$")
AI_USES = list_of(text("A use.", enum=AIUse.values), "What AI was used for, as stated; empty if it is not.")
AI_LABELS = list_of(text("A sentence."), "The labels about AI that have to be shown with the text.")
REVIEWS = list_of(
    obj(
        "A review.",
        by=text("Name and role, or role and number, of who has reviewed it."),
        at=moment("When."),
        checked=list_of(text("A part.", enum=ReviewedFor.values), "What the text was checked for."),
        responsible=text("Who answers for the text; empty if it is not known."),
        is_of_this_text=flag("Whether the text is still as it was reviewed."),
    ),
    "The reviews of its text.",
)
CORRECTION_KIND = text("What kind of change it was.", enum=ChangeKind.values)

_ARTICLE_IN_LISTS: dict[str, JsonObject] = {
    "id": ID,
    "url": address("Its page."),
    "api_url": address("This article in the API. The address stays the same if the slug is changed."),
    "slug": text("The last part of the address of its page."),
    "headline": text("The headline."),
    "standfirst": text("One or two sentences under the headline."),
    "kind": text("The type of text.", examples=Kind.values),
    "language": text("A language tag; empty for the publication’s own."),
    "section": optional(obj("The section; null if it is in none.", **NAMED)),
    "topics": list_of(obj("A topic.", **NAMED), "The topics."),
    "authors": list_of(
        obj("An author. The slug is empty if there is no page about them.", **NAMED), "Who wrote it, in this order."
    ),
    "access": ACCESS,
    "published": moment("When readers first saw it."),
    "updated": moment("When the text last changed materially."),
    "record_number": whole("The number of the current version in the record.", 1),
    "digest": DIGEST,
    "words": whole("How many words it has, with those that only some may read."),
    "ai_uses": AI_USES,
    "ai_labels": AI_LABELS,
    "is_corrected": flag("Whether a correction or retraction is in effect."),
    "is_retracted": flag("Whether one of these is a retraction."),
    "image": optional(
        obj(
            "The lead image at its largest size; null if there is none.",
        url=address("Its address."),
        width=whole("In pixels.", 1),
        height=whole("In pixels.", 1),
        alt=text("What it shows."),
        ai_use=text("Whether AI has made or changed it; empty if neither is known.", enum=["", *ImageAIUse.values]),
        )
    ),
}  # fmt: skip
ARTICLE_IN_LISTS = Schema("ArticleInLists", "An article as lists show it.", _ARTICLE_IN_LISTS)

_SOURCE = {
    "title": text("The title of the source."),
    "publisher": text("Who published it."),
    "url": address("Where it can be read."),
}  # fmt: skip
SOURCE = Schema("Source", "A source that the text cites.", _SOURCE)
_CORRECTION = {
    "kind": CORRECTION_KIND,
    "version": whole("The version with which it was published.", 1),
    "at": moment("When readers first saw it."),
    "note": text("What was changed, for readers."),
    "is_superseded": flag("Whether a later note took its place."),
}
CORRECTION = Schema("Correction", "A change of an article that readers were told about.", _CORRECTION)

ARTICLE = Schema(
    "Article",
    "A version of an article, with what the caller may read of its text.",
    {
        "id": ID,
        "url": address("The page of this version."),
        "version_url": address("Its address that stays when there is a newer version."),
        "version": whole("Its number, as readers count versions.", 1),
        "is_current": flag("Whether it is the current version."),
        "record_number": whole("Its number in the record.", 1),
        "digest": DIGEST,
        "public_from": moment("When readers first saw it."),
        "updated": moment("When the text last changed materially."),
        "history_url": address("The page with all versions."),
        "evidence_url": address("What is needed to verify it."),
        "corrections": list_of(CORRECTION.ref("A correction."), "Those up to this version."),
        "removed": text("Why its text had to be removed. There is no text then."),
        "headline": text("The headline."),
        "standfirst": text("One or two sentences under the headline."),
        "kind": text("The type of text.", examples=Kind.values),
        "language": text("A language tag; empty for the publication’s own."),
        "authors": list_of(text("A name."), "Who wrote it, in this order."),
        "section": text("The name of the section; empty if it is in none."),
        "topics": list_of(text("A name."), "The topics."),
        "access": ACCESS,
        "is_complete": flag("Whether the text is whole. If not, the rest is for others than the caller."),
        "ai_uses": AI_USES,
        "ai_labels": AI_LABELS,
        "reviews": REVIEWS,
        "sources": list_of(SOURCE.ref("A source."), "The sources of what the caller may read."),
        "html": text("The text, with absolute addresses."),
    },
)
VERSION = Schema(
    "Version",
    "A version of an article, dossier or page that readers have seen.",
    {
        "version": whole("Its number, as readers count versions.", 1),
        "url": address("Its page."),
        "public_from": moment("When readers first saw it."),
        "recorded": moment("When it was recorded, which for imports is later."),
        "kind": text("What kind of change it was; empty if none was said.", enum=["", *ChangeKind.values]),
        "note": text("What was changed, for readers."),
        "removed": text("Why its text had to be removed; empty if it was not."),
        "is_current": flag("Whether it is the current version."),
    },
)
DIFFERENCE = Schema(
    "Difference",
    "What changed from one version to another, in what the caller may read of both.",
    {
        "old": whole("The number of the older version.", 1),
        "new": whole("The number of the newer version.", 1),
        "url": address("The page that shows the difference."),
        "is_complete": flag("Whether all of both texts was compared."),
        "removed": list_of(whole("A number.", 1), "The versions whose text had to be removed: there is no difference."),
        "facts": list_of(
            obj("A fact.", name=text("Its name."), old=text("Its value before."), new=text("Its value after.")),
            "What changed beside the text.",
        ),
        "parts": list_of(
            obj(
                "A paragraph, or several that are the same.",
                kind=text("What happened to it.", enum=["same", "changed", "added", "removed", "moved", "gone"]),
                words=list_of(
                    obj(
                        "Words.",
                        op=text("Whether they stayed, were removed or added.", enum=["=", "-", "+"]),
                        text=text("The words."),
                    ),
                    "Its words in their order; none if nothing changed.",
                ),
            ),
            "The text, in its order.",
        ),
    },
)
CHANGE = Schema(
    "Change",
    "What happened to an article, dossier or page, in the order of the record.",
    {
        "number": text("Its place: what “since” takes.", pattern="^[0-9]+-[0-9]+$"),
        "what": text(
            "What happened.", enum=["version", "correction", "removal", "withdrawal", "restoration", "deletion"]
        ),
        "item": text("What kind of text it is.", enum=["article", "dossier", "page"]),
        "id": ID,
        "record_number": whole("The number of the version in the record; 0 if it concerns all."),
        "at": moment("When it happened."),
        "article": or_null(
            ARTICLE_IN_LISTS, "The article as it is now; null for others, and if it cannot be read any more."
        ),
    },
)
TOPIC = Schema("Topic", "A topic with at least one article.", NAMED_LIST)
SERIES = Schema("Series", "A series with at least one article.", NAMED_LIST)
AUTHOR = Schema("Author", "An author with at least one article. The text is their role.", NAMED_LIST)
DOSSIER_IN_LISTS = Schema("DossierInLists", "A dossier. The text is the beginning of its summary.", NAMED_LIST)
SECTION = Schema(
    "Section", "A section.", {**NAMED_LIST, "in_menu": flag("Whether the menu of the site has it.")}
)  # fmt: skip
_VERSIONED: dict[str, JsonObject] = {
    "id": ID,
    "url": address("Its page."),
    "slug": text("The last part of its address."),
    "title": text("The title."),
    "version": whole("The number of the current version, as readers count.", 1),
    "digest": DIGEST,
    "published": moment("When readers first saw it."),
    "updated": moment("When readers first saw the current version."),
    "ai_uses": AI_USES,
    "ai_labels": AI_LABELS,
    "reviews": REVIEWS,
}
DOSSIER = Schema(
    "Dossier",
    "A dossier, with those of its articles that can be read now.",
    {
        **_VERSIONED,
        "summary": text("The summary, as HTML."),
        "timeline": list_of(
            obj(
                "An entry.",
                date=text("A year, a month or a day.", examples=["2026", "2026-11", "2026-11-03"]),
                text=text("What happened."),
                article=text("The address of an article about it; empty if there is none."),
                source=text("The address of a source; empty if there is none."),
            ),
            "What happened, oldest first.",
        ),
        "articles": list_of(ARTICLE_IN_LISTS.ref("An article."), "In its order."),
    },
)
PAGE_IN_LISTS = Schema(
    "PageInLists", "A page about the publication. The text is the sentence under its title.", NAMED_LIST
)
PAGE = Schema(
    "Page",
    "A page about the publication, with its text.",
    {
        **_VERSIONED,
        "standfirst": text("A sentence under the title."),
        "html": text("The text, with absolute addresses."),
    },
)
LOGGED_CORRECTION = Schema(
    "LoggedCorrection",
    "A correction or withdrawal, as the page of corrections lists them.",
    {
        "id": text("Never changes.", format="uri"),
        "kind": text("Its name, in the publication’s language."),
        "note": text("What was changed, for readers."),
        "at": moment("When readers first saw it."),
        "headline": text("The headline that readers see now, or saw last."),
        "url": address("The article."),
        "difference_url": text("The page that shows what changed; empty for withdrawals."),
        "superseded": optional(moment("When a later note took its place; null if none did.")),
        "withdrawn": optional(moment("When the article was withdrawn; null if it was not.")),
        "restored": optional(moment("When the withdrawal ended; null if it did not.")),
    },
)
SEARCH_HIT = Schema(
    "SearchHit",
    "An article with all words of the query in what the caller may read.",
    {**_ARTICLE_IN_LISTS, "passage": text("Where the words are.")},
)
FRONT_PAGE = Schema(
    "FrontPage",
    "The front page: what is where. No article is there twice.",
    {
        "lead": or_null(ARTICLE_IN_LISTS, "The first article."),
        "secondary": list_of(ARTICLE_IN_LISTS.ref("An article."), "Beside it."),
        "opinion": or_null(ARTICLE_IN_LISTS, "An opinion."),
        "latest": list_of(ARTICLE_IN_LISTS.ref("An article."), "The newest others."),
        "sections": list_of(
            {
                "type": "object",
                "description": "A row.",
                "properties": {
                    "section": obj("The section.", **NAMED),
                    "articles": list_of(ARTICLE_IN_LISTS.ref("An article."), "In its order."),
                },
            },
            "The rows below.",
        ),
    },
)
PUBLICATION = Schema(
    "Publication",
    "Who publishes here.",
    {
        "name": text("Its name."),
        "tagline": text("A few words after the name."),
        "description": text("One sentence about it."),
        "publisher": text("Who is responsible."),
        "language": text("The language of the site.", examples=["en", "de"]),
        "url": address("The front page."),
        "record_url": address("The transparency log."),
        "feed_url": address("The feed of all articles."),
    },
)
