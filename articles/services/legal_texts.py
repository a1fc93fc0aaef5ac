"""Fill the gaps of legal pages from Settings, and keep our terms in step with Settings → Contracts.

The gaps are those of our drafts, and of the model texts of the law.

Only the law's own words protect the publisher, so that they are pasted and never part of this program: Anlage 1 and 2
to Art. 246a EGBGB in Germany, Annex I of Directive 2011/83/EU.
"""

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.translation import gettext as _

from articles.models import Purpose
from articles.richtext.vocabulary import parse
from truthlytics.publication import get_publication
from truthlytics.publication.language import site_language

# Where the model texts have a gap for name, address and email of the trader: box 2 of the instructions on withdrawal,
# and the first line of the form.
OFFICIAL_TRADER = re.compile(r"\[\s*2\s*\]|[②❷]|\[\s*(?:hier ist der Name|here the trader)[^\[\]]*\]", re.IGNORECASE)
# Any box of the instructions, which the publisher has to replace or delete.
OFFICIAL_GAP = re.compile(r"\[\s*[1-9]\s*[a-z]?\s*\]|[①-⑨❶-❾]")
# Paragraphs of this length are recognised as ours.
TELLING = 60


@site_language()
def fill(body: str, *, purpose: str) -> str:
    """Return `body`, as HTML, with the gaps filled that Settings know, and with our sentences about contracts as they
    are settled now. Other gaps and sentences stay.
    """
    for pattern, value in _gaps(purpose):
        if value:
            body = pattern.sub(str(escape(value)).replace("\\", r"\\"), body)
    if purpose == Purpose.TERMS:
        for sentence in cancellation_sentences():
            body = body.replace(str(escape(sentence)), str(escape(cancellation_sentence())))
    return body


def _gaps(purpose: str) -> Iterator[tuple[re.Pattern[str], str]]:
    publication = get_publication()
    address = ", ".join(line.strip() for line in publication.legal_address.splitlines() if line.strip())
    name, email = publication.publisher, publication.contact_email
    yield _mark(_("[name of the publisher]")), name
    yield _mark(_("[postal address of the publisher]")), address
    yield _mark(_("[email address of the publisher]")), email
    yield _mark(_("[VAT ID of the publisher]")), publication.vat_id
    if purpose == Purpose.WITHDRAWAL:
        yield OFFICIAL_TRADER, ", ".join([name, address, email]) if name and address and email else ""


def cancellation_sentence() -> str:
    """Return what our terms say about cancelling: when it ends a contract under Settings → Contracts."""
    return cancellation_sentences()[get_publication().ends_a_month_after_notice]


def cancellation_sentences() -> tuple[str, str]:
    """Return what our terms say if a contract ends with its period, and if it ends a month after the notice."""
    return (
        _("You can cancel at any time in your account. Access continues until the end of the period you paid for."),
        _(
            "You can cancel at any time in your account. In its first term, a subscription ends with the term. One "
            "that has renewed ends a month after you cancel, and we pay back what you paid for the days after that."
        ),
    )


@site_language()
def contradictions(body: str, *, purpose: str) -> list[str]:
    """Return the sentences of our terms in `body` that are not what Settings → Contracts does now."""
    if purpose != Purpose.TERMS:
        return []
    text = _text(body)
    return [
        sentence for sentence in cancellation_sentences() if sentence != cancellation_sentence() and sentence in text
    ]


def _mark(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def official_gaps(body: str) -> list[str]:
    """Return the boxes of the model text of the law that are left in a page on withdrawal."""
    return OFFICIAL_GAP.findall(_text(body))


def has_our_words(body: str, template: str) -> bool:
    """Whether a page has a paragraph of our draft, which is not the model text of the law."""
    text = _text(body)
    return any(paragraph in text for paragraph in _paragraphs(template))


def _paragraphs(template: str) -> Iterator[str]:
    for element in parse(template):
        paragraph = " ".join(element.text_content().split())
        if len(paragraph) > TELLING and "[" not in paragraph:
            yield paragraph


def _text(body: str) -> str:
    return " ".join(parse(body).text_content().split()) if body else ""
