"""Invoices and credit notes as PDF, made when they are asked for: the same document always has the same bytes."""

from django.utils.translation import gettext as _

from subscriptions.invoices.sheet import Row, Sheet, sheet_of
from subscriptions.models import Receipt
from truthlytics.publication.language import language_tag, site_language
from truthlytics.web.pdf import LEADING, MARGIN, WIDTH, Line, MissingCharacter, Page

RIGHT = WIDTH - MARGIN
SENDER, FACT, AMOUNT = 370, 150, 130
SMALL, GAP = 8.5, 8


def attachment(pk: int) -> tuple[str, bytes, str] | None:
    """Return file name, content and type of a document for an email, None if its PDF can't show every character."""
    document = Receipt.objects.get(pk=pk)
    content = pdf_of(document)
    return (file_name(document), content, "application/pdf") if content is not None else None


def file_name(document: Receipt) -> str:
    with site_language():
        return f"{document.title}.pdf"


def pdf_of(document: Receipt) -> bytes | None:
    """Return the document as PDF in the publication’s language, None if the font lacks a character of it."""
    with site_language():
        sheet = sheet_of(document, document.cancelled_by)
        page = draw(sheet)
        if page is None:
            return None
        return page.to_bytes(title=sheet.title, language=language_tag(), created=document.issued_at)


def draw(sheet: Sheet) -> Page | None:
    """Return the page of a document, None if the font lacks a character of it: names must stay complete."""
    page = Page()
    try:
        _draw(page, sheet)
    except MissingCharacter:
        return None
    return page


def _draw(page: Page, sheet: Sheet) -> None:
    head = [Line(sheet.title, 18, is_bold=True), *map(Line, sheet.remarks)]
    if sheet.cancelled:
        head.append(Line(sheet.cancelled, is_bold=True))
    sender = [Line(sheet.publisher, is_bold=True), *map(Line, sheet.sender)]
    y = page.column(head, MARGIN, MARGIN, SENDER - MARGIN - GAP)
    y = max(y, page.column(sender, SENDER, MARGIN, RIGHT - SENDER)) + 24
    for fact in sheet.facts:
        page.column([Line(fact.label)], MARGIN, y, FACT - MARGIN)
        y = page.column([*map(Line, fact.lines)], FACT, y, RIGHT - FACT) + GAP
    y = _row(page, y + 16, Row(sheet.heading, [], _("Amount")), is_bold=True)
    for row in sheet.rows:
        y = _row(page, y, row)
    y = _row(page, y, Row(_("Total"), [], sheet.total), is_bold=True)
    page.column([*map(Line, sheet.sentences)], MARGIN, y + GAP, RIGHT - MARGIN)


def _row(page: Page, y: float, row: Row, *, is_bold: bool = False) -> float:
    """Draw a row of the table with a rule below it. Returns where the next one begins."""
    lines = [Line(row.text, is_bold=is_bold), *(Line(detail, SMALL) for detail in row.details)]
    end = page.column(lines, MARGIN, y, RIGHT - AMOUNT - MARGIN) + GAP
    amount = Line(row.amount, is_bold=is_bold)
    page.text(amount, RIGHT, y + amount.size * LEADING, is_right=True)
    page.rule(end)
    return end
