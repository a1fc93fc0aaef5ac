"""What the newsroom is built of beside the stock admin."""

from datetime import timedelta
from typing import Any

from articles.admin.formatting import STATES, badge
from articles.forms.articles import PublishForm
from articles.models import Version
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import hard

HERE = "admin/styles"


def publication() -> dict[str, Any]:
    """The page before a publication, with everything that can be wrong."""
    form = PublishForm({"when": "later", "day": "1999-01-01", "hour": "", "note": hard.STANDFIRST, "last": "1"})
    form.is_valid()
    form.add_error(None, "Version 2 was made in the meantime. Look again before you publish another.")
    return {"form": form, "headline": hard.LONG, "standfirst": hard.STANDFIRST, "badge": badge("changing")}


def versions() -> dict[str, Any]:
    made = [
        Version(pk=number, number=number, public_from=hard.PUBLISHED + timedelta(days=number), note=note)
        for number, note in ((12, hard.STANDFIRST), (11, ""), (10, "A word was mended."))
    ]
    made[1].superseded_at = hard.PUBLISHED
    return {"versions": made, "served": made[2]}


def samples() -> list[Sample]:
    return [
        Sample("States", f"{HERE}/badges.html", {"badges": [badge(state) for state in STATES]}),
        Sample("Buttons", f"{HERE}/newsroom_buttons.html"),
        Sample("The editor's toolbar", f"{HERE}/toolbar.html"),
        Sample("Panels", f"{HERE}/panels.html", {"long": hard.LONG, "unbroken": hard.UNBROKEN, **versions()}),
        Sample("Before publication", f"{HERE}/publish_form.html", publication()),
        Sample(
            "What waits", f"{HERE}/dashboard.html", {"long": hard.LONG, "unbroken": hard.UNBROKEN, "at": hard.PUBLISHED}
        ),
        Sample("What was just done", f"{HERE}/newsroom_messages.html", {"long": hard.STANDFIRST}),
    ]
