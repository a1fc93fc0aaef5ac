"""JSON schemas of what the tools take and return, and the check of what they are given. Pure."""

from truthlytics.api.schemas import ACCESS, address, flag, list_of, moment, text, whole
from truthlytics.contrib.api.schemas import ARTICLE, CORRECTION, LOGGED_CORRECTION, SOURCE
from truthlytics.contrib.quotations.api_schemas import CHECKED_QUOTATION
from truthlytics.contrib.quotations.checking import MAX_LENGTH
from truthlytics.web.types import Content, JsonObject

MAX_QUERY, MAX_ADDRESS, MAX_NUMBER, MAX_CORRECTIONS = 200, 500, 999_999, 50
# Search ranks this many pages.
MAX_PAGE = 25


def fields(properties: JsonObject, *, optional: tuple[str, ...] = ()) -> JsonObject:
    """Return the schema of an object that has all `properties` but perhaps the `optional` ones, and no other."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def number(description: str, maximum: int, **more: object) -> JsonObject:
    return {**whole(description, 1), "maximum": maximum, **more}


WHICH = text("The slug or the address of the article, as `search` returns it.", minLength=1, maxLength=MAX_ADDRESS)
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
READ_INPUT = fields({"article": WHICH})
READ_VERSION_INPUT = fields(
    {"article": WHICH, "number": number("The number of the version. The first has number 1.", MAX_NUMBER)}
)
CORRECTIONS_INPUT = fields({"limit": number("How many to return.", MAX_CORRECTIONS, default=20)}, optional=("limit",))
CHECK_INPUT = fields(
    {
        "quotation": text(
            "The words, at least six in a row and exactly as they are quoted.", minLength=1, maxLength=MAX_LENGTH
        )
    }
)

SEARCH_OUTPUT = fields(
    {
        "results": list_of(
            fields(
                {
                    "slug": text("What the other tools take as `article`."),
                    "url": address("The address of the article."),
                    "headline": text("The headline."),
                    "standfirst": text("One or two sentences under the headline."),
                    "passage": text("The passage in which the words were found."),
                    "authors": list_of(text("A name."), "Who wrote it, in this order."),
                    "published": moment("When readers first saw it."),
                    "access": ACCESS,
                }
            ),
            "The best matches first.",
        ),
        "page": whole("The page that this is.", 1),
        "has_more": flag("Whether there is a next page."),
        "suggestion": text("A query with other spelling that has results, if this one has none."),
    }
)
VERSION_OUTPUT = fields(
    {
        **{name: part for name, part in ARTICLE.fields.items() if name != "html"},
        "corrections": list_of(fields(CORRECTION.fields), "Those up to this version."),
        "sources": list_of(
            fields(SOURCE.fields, optional=tuple(SOURCE.fields)), "The sources of what can be read here."
        ),
        "text": text("The text as Markdown."),
        "publication": text("The name to cite."),
        "publisher": text("Who publishes it and has the rights."),
        "terms_url": text("The page with the terms of use, if there is one."),
    },
    # Missing if the text was removed from the record, or if it was not.
    optional=(
        "headline", "standfirst", "kind", "language", "authors", "section", "topics", "access", "is_complete",
        "sources", "removed", "ai_uses", "ai_labels", "reviews",
    ),
)  # fmt: skip
CORRECTIONS_OUTPUT = fields(
    {
        "corrections": list_of(fields(LOGGED_CORRECTION.fields), "Corrections and withdrawals, newest first."),
        "page_url": address("The page for readers with all of them."),
    }
)
CHECK_OUTPUT = fields(CHECKED_QUOTATION.fields)


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
