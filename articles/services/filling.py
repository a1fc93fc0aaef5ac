"""Fill the gaps of a legal page’s draft from Settings."""

from django.db import transaction

from articles.models import Page
from articles.services.legal_texts import fill
from articles.services.revisions import current_fields, write
from truthlytics.web.users import User


@transaction.atomic
def fill_page(*, page: Page, by: User) -> bool:
    """Fill the gaps of the page's draft that Settings know, as a revision. Returns whether there were any."""
    fields = current_fields(page)
    filled = fill(page.body, purpose=page.purpose)
    if filled == page.body:
        return False
    write(item=page, fields=fields | {"body": filled}, by=by)
    return True
