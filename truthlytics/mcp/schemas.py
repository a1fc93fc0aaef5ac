"""JSON schemas of what the tools take and return, and the check of what they are given. Pure."""

from truthlytics.web.types import Content, JsonObject

MAX_QUERY, MAX_ADDRESS, MAX_NUMBER, MAX_CORRECTIONS = 200, 500, 999_999, 50
# Search ranks this many pages.
MAX_PAGE = 25


def text(description: str, **more: object) -> JsonObject:
    return {"type": "string", "description": description, **more}


def number(description: str, maximum: int, **more: object) -> JsonObject:
    return {"type": "integer", "description": description, "minimum": 1, "maximum": maximum, **more}


def yes_or_no(description: str) -> JsonObject:
    return {"type": "boolean", "description": description}


def time(description: str) -> JsonObject:
    return text(f"{description} In UTC, such as 2026-05-03T09:00:00Z.")


def time_or_null(description: str) -> JsonObject:
    return {"type": ["string", "null"], "description": f"{description} In UTC, or null."}


def each(item: JsonObject, description: str) -> JsonObject:
    return {"type": "array", "description": description, "items": item}


def fields(properties: JsonObject, *, optional: tuple[str, ...] = ()) -> JsonObject:
    """Return the schema of an object that has all `properties` but perhaps the `optional` ones, and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


ARTICLE = text("The slug or the address of the article, as `search` returns it.", minLength=1, maxLength=MAX_ADDRESS)
SEARCH_INPUT = fields(
    {
        "query": text(
            "Words that the article must contain, all of them. There are no operators.",
            minLength=1,
            maxLength=MAX_QUERY,
        ),
        "page": number("The page of the results, of twenty each.", MAX_PAGE, default=1),
    },
    optional=("page",),
)
READ_INPUT = fields({"article": ARTICLE})
READ_VERSION_INPUT = fields(
    {"article": ARTICLE, "number": number("The number of the version. The first has number 1.", MAX_NUMBER)}
)
CORRECTIONS_INPUT = fields({"limit": number("How many to return.", MAX_CORRECTIONS, default=20)}, optional=("limit",))

AUTHORS = each({"type": "string"}, "The names in the byline.")
ACCESS = text("Who may read all of it: everybody, registered, subscriber or supporter.")
SEARCH_OUTPUT = fields(
    {
        "results": each(
            fields(
                {
                    "slug": text("What the other tools take as `article`."),
                    "url": text("The address of the article."),
                    "headline": text("The headline."),
                    "standfirst": text("One or two sentences below the headline."),
                    "passage": text("The passage in which the words were found."),
                    "authors": AUTHORS,
                    "published": time("When it was published."),
                    "access": ACCESS,
                }
            ),
            "The best matches first.",
        ),
        "page": {"type": "integer", "description": "The page that this is."},
        "has_more": yes_or_no("Whether there is a next page."),
        "suggestion": text("A query with other spelling that has results, if this one has none."),
    }
)
CORRECTION = fields(
    {
        "kind": text("Such as correction, clarification, update or retraction."),
        "version": {"type": "integer", "description": "The version with which it was published."},
        "at": time("When it was published."),
        "note": text("What readers were told."),
        "is_superseded": yes_or_no("Whether a later note took its place."),
    }
)
SOURCE = fields(
    {"title": text("The title."), "publisher": text("The publisher."), "url": text("The address.")},
    optional=("title", "publisher", "url"),
)
# Those that are missing if the text was removed from the record.
TEXT_FIELDS: JsonObject = {
    "headline": text("The headline."),
    "standfirst": text("One or two sentences below the headline."),
    "kind": text("The kind of article, such as news, analysis or opinion."),
    "language": text("The language, if it is not that of the publication."),
    "authors": AUTHORS,
    "section": text("The section."),
    "topics": each({"type": "string"}, "The topics."),
    "access": ACCESS,
    "is_complete": yes_or_no("Whether `text` is all of it. If not, the rest is for subscribers; say so."),
    "sources": each(SOURCE, "The sources of what can be read here."),
}
VERSION_OUTPUT = fields(
    {
        "id": text("The identifier of the article."),
        "url": text("The address of what is read here."),
        "version_url": text("The permanent address of exactly this version, to cite."),
        "version": {"type": "integer", "description": "The number of the version, as readers count."},
        "is_current": yes_or_no("Whether it is the version that readers get now."),
        "record_number": {"type": "integer", "description": "Its number in the public record."},
        "digest": text("Its digest in the public record."),
        "public_from": time("Since when it is public."),
        "updated": time("When the text last changed materially."),
        "history_url": text("The page of all versions."),
        "evidence_url": text("What is needed to verify the version."),
        "corrections": each(CORRECTION, "The corrections and updates up to this version, oldest first."),
        **TEXT_FIELDS,
        "removed": text("Why the text was removed, if it was."),
        "text": text("The text as Markdown."),
        "publication": text("The name to cite."),
        "publisher": text("Who publishes it and has the rights."),
        "terms_url": text("The page with the terms of use, if there is one."),
    },
    optional=(*TEXT_FIELDS, "removed"),
)
CORRECTIONS_OUTPUT = fields(
    {
        "corrections": each(
            fields(
                {
                    "kind": text("Such as “Correction” or “Withdrawal”, in the language of the publication."),
                    "at": time("When it was published."),
                    "headline": text("The headline of the article; empty if it was removed."),
                    "url": text("The address of the article."),
                    "note": text("What readers were told."),
                    "changes_url": text("The page with the changes, if there is one."),
                    "superseded_at": time_or_null("When a later note took its place."),
                    "withdrawn_at": time_or_null("Since when the article is withdrawn."),
                    "restored_at": time_or_null("When a withdrawal ended."),
                }
            ),
            "Corrections and withdrawals, newest first.",
        ),
        "page_url": text("The page for readers with all of them."),
    }
)


def with_defaults(arguments: Content, schema: Content) -> JsonObject:
    """Return the valid `arguments` of a tool, with the defaults of those that are missing."""
    defaults = {name: part["default"] for name, part in schema["properties"].items() if "default" in part}
    return {name: _whole(value) for name, value in (defaults | dict(arguments)).items()}


def problem_with(arguments: Content, schema: Content) -> str:
    """Return a sentence about what is wrong with the `arguments` of a tool, or "".

    It knows what the schemas of inputs above contain, and no more of JSON Schema.
    """
    properties = schema["properties"]
    if unknown := [name for name in arguments if name not in properties]:
        return f"There is no argument “{unknown[0][:50]}”. There are: {', '.join(properties)}."
    if missing := [name for name in schema["required"] if name not in arguments]:
        return f"The argument “{missing[0]}” is missing."
    for name, value in arguments.items():
        if problem := _problem_with_value(value, properties[name]):
            return f"The argument “{name}” must be {problem}."
    return ""


def _problem_with_value(value: object, part: Content) -> str:
    if part["type"] == "string":
        is_valid = isinstance(value, str) and part["minLength"] <= len(value) <= part["maxLength"]
        return "" if is_valid else f"a text of {part['minLength']} to {part['maxLength']} characters"
    whole = _whole(value)
    is_valid = isinstance(whole, int) and not isinstance(whole, bool) and part["minimum"] <= whole <= part["maximum"]
    return "" if is_valid else f"a whole number from {part['minimum']} to {part['maximum']}"


def _whole(value: object) -> object:
    """Return 2 for 2.0, which is a whole number in JSON Schema."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
