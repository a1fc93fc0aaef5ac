"""The fields of answers that need a key with a scope."""

from comments.models import Comment
from subscriptions.models import Payment, Subscription
from subscriptions.tax import Kind
from truthlytics.api.presenters import STAFF_LEVEL
from truthlytics.api.schemas import (
    ACCESS,
    ID,
    Schema,
    address,
    flag,
    list_of,
    moment,
    obj,
    optional,
    text,
    whole,
)
from truthlytics.contrib.api.schemas import ARTICLE_IN_LISTS
from truthlytics.web.plugins import api_reader_fields

READER = Schema(
    "Reader",
    "An account. Deleted ones are not there.",
    {
        "id": whole("Its number, as in events.", 1),
        "email": text("The email address.", format="email"),
        "name": text("The name that comments show."),
        "joined": moment("When the account was made."),
        "confirmed": optional(moment("When the address was confirmed; null if it was not.")),
        "is_active": flag("Whether its reader can log in."),
        "access": text("What it may read now.", enum=[*ACCESS["enum"], STAFF_LEVEL]),
        "subscription": optional(
            obj(
                "The subscription that runs, or the last one that ended; null if there was none.",
                plan=text("The plan and how often it is paid."),
                state=text("Its state.", enum=Subscription.Status.values),
                began=moment("When it began."),
                paid_until=moment("The end of the period that is paid."),
                ends=optional(moment("When it ends because it was cancelled; null if it was not.")),
                ended=optional(moment("When it ended; null if it runs.")),
            )
        ),
        **{field.name: field.schema for field in api_reader_fields()},
    },
)
PAYMENT = Schema(
    "Payment",
    "A payment. Amounts are in the smallest unit of the currency.",
    {
        "id": ID,
        "reader": whole("The number of the account that paid.", 1),
        "recorded": moment("When the site heard of it."),
        "paid": optional(moment("When it was paid; null if it was not.")),
        "state": text("Its state.", enum=Payment.Status.values),
        "chargeback": text("The state of a chargeback; empty if there is none.", enum=["", *Payment.Dispute.values]),
        "amount": whole("What was paid, with tax."),
        "refunded": whole("What of it was paid back."),
        "currency": text("The currency.", pattern="^[A-Z]{3}$"),
        "tax": whole("The tax in the amount."),
        "tax_rate": text("The rate in percent, such as 7.00; empty if none is known."),
        "tax_kind": text("Why it is that much; empty if nothing is known about tax.", enum=["", *Kind.values]),
        "country": text("The country of the buyer; empty if it is not known."),
        "method": text("How it was paid."),
        "provider": text("Who received it for the publication."),
        "reference": text("Its reference there."),
        "order": text("The number of the order; empty for renewals."),
        "receipt": text("The number of the newest invoice; empty if none was issued.", examples=["R-2026-00042"]),
    },
)
COMMENT = Schema(
    "Comment",
    "A comment. One that was removed has neither writer nor text.",
    {
        "id": whole("Its number.", 1),
        "url": address("Its page."),
        "article": text("The id of its article.", format="uuid"),
        "parent": optional(whole("The number of the comment that it answers; null if it begins a conversation.", 1)),
        "writer": text("The name that is shown; empty for a former reader."),
        "reader": optional(
            whole("The number of the account that wrote it; null for former readers and imported comments.", 1)
        ),
        "state": text("Only visible ones are shown to everybody.", enum=Comment.Status.values),
        "html": text("The text as it is shown, without the passage of the article that it quotes."),
        "written": moment("When it was written."),
        "edited": optional(moment("When it was last edited; null if it was not.")),
        "helpful": whole("How many readers found it helpful."),
    },
)
COUNTS = {
    "people": whole("How many people opened articles. A person counts once a day for each article."),
    "read_to_half": whole("How many of them read to the half."),
    "assistants": whole("How many requests assistants made for a person."),
    "programs": whole("How many requests other programs made."),
    "not_counted": whole("How many requests were not counted as people."),
    "counted_before": whole("How many of the people were counted by version 1.0, which took many programs for people."),
}
STATISTICS = Schema(
    "Statistics",
    "The figures of the dashboard. Days are in the publication’s time zone.",
    {
        "days": list_of(
            obj(
                "A day.",
                day=text("The day.", format="date"),
                reads=whole("The same as `people`."),
                **COUNTS,
                new_subscribers=whole("How many subscriptions began."),
                comments=whole("How many comments were written."),
            ),
            "The 14 days up to yesterday, oldest first.",
        ),
        "most_read": list_of(
            obj(
                "An article.",
                article=ARTICLE_IN_LISTS.ref("The article."),
                reads=whole("The same as `people`."),
                **COUNTS,
            ),
            "The articles most read in the seven days up to yesterday, of those that can be read now.",
        ),
        "sources": list_of(
            obj(
                "A kind of place from which people came.",
                kind=text(
                    "The kind.", enum=["direct", "site", "search", "host", "campaign", "newsletter", "feed", "gift"]
                ),
                people=whole("How many people came from there."),
            ),
            "Where people came from in these 14 days, most people first.",
        ),
    },
)
