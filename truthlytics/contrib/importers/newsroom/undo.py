"""What the page says before an import is undone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions.services.moving import reasons_to_keep
from truthlytics.contrib.importers import undo
from truthlytics.contrib.importers.models import ImportRun, MovedContract
from truthlytics.contrib.importers.readers import undoing

# Kept contracts that the page lists.
MAX_LISTED = 100
type Name = str | Promise


@dataclass(frozen=True, slots=True)
class ShownOutlook:
    """Sentences and numbers of what is removed. `kept` is what stays: its name, its URL or "", and the reasons."""

    intro: str
    removed: Sequence[tuple[str, int]]
    explanation: str
    kept_heading: str = ""
    kept: Sequence[tuple[object, str, Sequence[Name]]] = ()


def of_articles(run: ImportRun) -> ShownOutlook:
    found = undo.outlook(run)
    heading = ngettext("%(shown)s text stays", "%(shown)s texts stay", found.kept_count)
    return ShownOutlook(
        intro=_("Undoing removes what this import created and nobody has worked with since:"),
        removed=[
            (_("Articles"), found.articles),
            (_("Pages"), found.pages),
            (_("Images, unless something else uses them"), found.images),
        ],
        explanation=_(
            "Their imported comments and redirects go with them, and so do sections, topics and authors that the "
            "import created and nothing needs any more. They leave the public record as if the import had not "
            "happened. Then the import can be repeated from the beginning."
        ),
        kept_heading=heading % {"shown": number_format(found.kept_count)} if found.kept_count else "",
        kept=found.kept,
    )


def of_readers(run: ImportRun) -> ShownOutlook:
    found = undoing.outlook(run)
    heading = ngettext(
        "%(shown)s account of this import stays, because its owner has used it.",
        "%(shown)s accounts of this import stay, because their owners have used them.",
        found.kept,
    )
    return ShownOutlook(
        intro=_("Undoing removes what this import made:"),
        removed=[
            (_("Accounts that nobody has used"), found.accounts),
            (_("Sign-ups for the newsletter"), found.sign_ups),
            (_("Access"), found.access),
            (_("Notes"), found.notes),
        ],
        explanation=_(
            "Accounts stay if their owners have logged in, or if there is anything else about them here. What readers "
            "have done since stays, and so does the record of consent of those who have got an issue: their sign-up "
            "ends."
        ),
        kept_heading=heading % {"shown": number_format(found.kept)} if found.kept else "",
    )


def of_contracts(run: ImportRun) -> ShownOutlook:
    """Return what undoing the contracts of `run` changes here and at Stripe."""
    rows = MovedContract.objects.filter(run=run.contract_run_id, undone_at=None)
    reasons = reasons_to_keep(rows.values("subscription"))
    rows = rows.select_related("user")
    kept = [row for row in rows if row.subscription_id in reasons]
    undone = [row for row in rows if row.subscription_id not in reasons]
    numbers = Counter(row.action for row in undone)
    heading = ngettext("%(shown)s contract stays", "%(shown)s contracts stay", len(kept))
    return ShownOutlook(
        intro=_("Undoing changes this, here and at Stripe:"),
        removed=[
            (_("Contracts at Stripe that get their metadata back"), numbers[MovedContract.Action.ADOPT]),
            (_("New contracts that end without a charge"), numbers[MovedContract.Action.CREATE]),
            (_("Readers whose access until the paid date ends"), numbers[MovedContract.Action.ACCESS]),
            (_("New accounts, if nobody has used them"), sum(bool(row.facts.get("new_user")) for row in undone)),
        ],
        explanation=_(
            "Nobody is charged or gets an email. Contracts to which something has happened since stay: charges, "
            "cancellations, withdrawals, access that was added, and the email with the personal link."
        ),
        kept_heading=heading % {"shown": number_format(len(kept))} if kept else "",
        kept=[(_name(row), "", [reasons[row.subscription_id or 0]]) for row in kept[:MAX_LISTED]],
    )


def _name(row: MovedContract) -> str:
    return row.user.email if row.user is not None else row.key
