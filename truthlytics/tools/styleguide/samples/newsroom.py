"""Samples of newsroom components that Django's admin doesn't have."""

from datetime import timedelta

from articles.admin.formatting import STATES, badge
from articles.forms.articles import PublishForm
from articles.models import Version
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.web.types import JsonObject

HERE = "admin/styles"


def publish_form() -> dict[str, object]:
    """Return the context of the publish form with every error."""
    form = PublishForm({"when": "later", "day": "1999-01-01", "hour": "", "note": content.STANDFIRST, "last": "1"})
    form.is_valid()
    form.add_error(None, "Version 2 was published in the meantime. Check it before you publish.")
    return {
        "form": form,
        "headline": content.LONG_HEADLINE,
        "standfirst": content.STANDFIRST,
        "badge": badge("changing"),
    }


def versions() -> JsonObject:
    versions = [
        Version(pk=number, number=number, public_from=content.PUBLISHED + timedelta(days=number), note=note)
        for number, note in ((12, content.STANDFIRST), (11, ""), (10, "Corrected a typo."))
    ]
    versions[1].superseded_at = content.PUBLISHED
    return {"versions": versions, "served": versions[2]}


def samples() -> list[Sample]:
    return [
        Sample("States", f"{HERE}/badges.html", {"badges": [badge(state) for state in STATES]}),
        Sample("Buttons", f"{HERE}/newsroom_buttons.html"),
        Sample("The editor's toolbar", f"{HERE}/toolbar.html"),
        Sample(
            "Panels",
            f"{HERE}/panels.html",
            {"long": content.LONG_HEADLINE, "unbroken": content.UNBROKEN_TEXT, **versions()},
        ),
        Sample("Publish form", f"{HERE}/publish_form.html", publish_form()),
        Sample(
            "Dashboard",
            f"{HERE}/dashboard.html",
            {"long": content.LONG_HEADLINE, "unbroken": content.UNBROKEN_TEXT, "at": content.PUBLISHED},
        ),
        Sample("Messages", f"{HERE}/newsroom_messages.html", {"long": content.STANDFIRST}),
    ]
