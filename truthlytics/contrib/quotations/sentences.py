"""The answer in a sentence."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from articles.presenters.history import PublicVersion
from truthlytics.contrib.quotations.checking import Answer, Match


def sentence_for(answer: Answer) -> str:
    """Return the answer in the language of the page."""
    match = answer.match
    if match is None:
        return _("Not in the headlines, texts, captions and footnotes that are public.")
    names = {"first": _named(match.first), "last": _named(match.last)}
    if match.result == "similar":
        if match.is_current:
            return _("Similar, not the same.")
        return _("Similar, not the same: this is from %(last)s.") % names
    if match.result == "current":
        return _("Word for word in the current text, since %(first)s.") % names
    return _earlier(match, names)


def sentence_about(match: Match) -> str:
    """Return the same for another text with the quotation."""
    return sentence_for(Answer(match))


def _earlier(match: Match, names: dict[str, str]) -> str:
    if match.changed is not None:
        names["changed"] = _named(match.changed)
    several, has_changed = match.first != match.last, bool(match.parts)
    if several:
        text = (
            _("From %(first)s to %(last)s, changed in %(changed)s.")
            if has_changed
            else _("From %(first)s to %(last)s, no longer in %(changed)s.")
        )
    else:
        text = _("In %(last)s, changed in %(changed)s.") if has_changed else _("In %(last)s, no longer in %(changed)s.")
    return text % names


def _named(version: PublicVersion) -> str:
    date = date_format(localtime(version.public_from), _("j F Y"))
    if version.recorded_later is None:
        return _("version %(number)s (%(date)s)") % {"number": version.number, "date": date}
    recorded = date_format(localtime(version.recorded_later), _("j F Y"))
    return _("version %(number)s (%(date)s, says the publication; in its record since %(recorded)s)") % {
        "number": version.number,
        "date": date,
        "recorded": recorded,
    }
