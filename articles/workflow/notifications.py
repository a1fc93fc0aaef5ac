"""The letters that the work on an article calls for. Each is sent once the step it tells of is committed."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from articles import permissions
from articles.models import Step
from articles.workflow.stages import Deed
from truthlytics.web.mail import send_letter


def tell(step: Step) -> None:
    """One letter to each whom the step concerns; nobody is told of their own deed."""
    for person in _concerned(step):
        if person.pk != step.made_by_id and person.email:
            _send(step, person)


def _concerned(step: Step) -> list[Any]:
    people: dict[int, Any] = {}
    if step.deed == Deed.SENT:
        people = {person.pk: person for person in permissions.editors()}
    elif step.deed in {Deed.RETURNED, Deed.READY}:
        people = {person.pk: person for person in permissions.writers(step.article)}
    if step.assignee is not None:
        people[step.assignee.pk] = step.assignee
    return list(people.values())


def _send(step: Step, person: Any) -> None:
    address = reverse("admin:articles_article_change", args=[step.article_id])
    context = {
        "step": step,
        "article": step.article,
        "reader": person,
        "who": getattr(step.made_by, "display_name", "") or "Somebody",
        "said": SAID[Deed(step.deed)],
        "address": f"{settings.SITE_URL}{address}",
    }
    send_letter("article_step", to=person.email, context=context)


SAID = {
    Deed.SENT: "sent it to review",
    Deed.RETURNED: "sent it back",
    Deed.READY: "set it ready",
    Deed.ASSIGNED: "laid it in your hands",
}
