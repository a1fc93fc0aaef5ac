"""What the page says before an import is undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from truthlytics.importers import undo
from truthlytics.importers.readers import undoing
from truthlytics.models import ImportRun

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
