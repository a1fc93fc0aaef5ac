"""The fields of the answer about a quotation."""

from truthlytics.api.schemas import Schema, address, list_of, moment, obj, text, whole

_FOUND = obj(
    "A text with the quotation.",
    result=text(
        "Whether the words are in the current text, in earlier versions only, or similar ones.",
        enum=["current", "earlier", "similar"],
    ),
    sentence=text("The same in a sentence."),
    type=text("What it is.", enum=["article", "page", "dossier"]),
    headline=text("Its headline now."),
    url=address("The passage, in the newest version that has it."),
    history_url=address("All versions."),
    first_version=whole("The first version with these words, without a gap up to `last_version`.", 1),
    last_version=whole("The last one.", 1),
    current_version=whole("The version that readers get now.", 1),
    public_from=moment("When readers first saw `first_version`."),
    changed_in_version={
        "type": ["integer", "null"],
        "description": "The version that has other words, if a later one has.",
    },
    changed={"type": ["string", "null"], "format": "date-time", "description": "When readers first saw that one."},
    comparison_url=text("The page that compares the two, or empty."),
    passage=text("What the text says in `last_version`."),
    parts=list_of(
        obj(
            "Words.",
            op=text("Whether both have them, only the quotation (-) or only the text (+).", enum=["=", "-", "+"]),
            text=text("The words."),
        ),
        "What differs: in a similar passage, or in `changed_in_version`. Empty if nothing there is similar.",
    ),
)
CHECKED_QUOTATION = Schema(
    "CheckedQuotation",
    "Whether a quotation was published, as far as the caller may read it.",
    {
        "result": text("What the best text has of it.", enum=["current", "earlier", "similar", "none"]),
        "sentence": text("The answer in a sentence."),
        "url": address("The page with the answer, to be passed on."),
        "texts": list_of(_FOUND, "The best one first. Several only if they have the quotation word for word."),
    },
)
