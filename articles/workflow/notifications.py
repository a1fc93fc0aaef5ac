"""Email notifications about workflow steps, sent once the step is committed."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import permissions
from articles.models import WorkflowStep
from articles.workflow.stages import WorkflowAction
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import send_email
from truthlytics.web.users import User

SENTENCES = {
    WorkflowAction.SENT: gettext_lazy("%(person)s sent it to review"),
    WorkflowAction.RETURNED: gettext_lazy("%(person)s sent it back"),
    WorkflowAction.READY: gettext_lazy("%(person)s marked it ready"),
    WorkflowAction.ASSIGNED: gettext_lazy("%(person)s assigned it to you"),
}


def notify(step: WorkflowStep) -> None:
    """Email everyone affected by `step`, except the user who took it."""
    for user in permissions.wanting_emails(_recipients(step), "workflow"):
        if user.pk != step.created_by_id and user.email:
            _send(step, user)


def _recipients(step: WorkflowStep) -> list[User]:
    users: dict[int, User] = {}
    if step.action == WorkflowAction.SENT:
        users = {user.pk: user for user in permissions.editors()}
    elif step.action in {WorkflowAction.RETURNED, WorkflowAction.READY}:
        users = {user.pk: user for user in permissions.writers(step.article)}
    if step.assignee is not None:
        users[step.assignee.pk] = step.assignee
    return list(users.values())


def _send(step: WorkflowStep, user: User) -> None:
    path = reverse("admin:articles_article_change", args=[step.article_id])
    with site_language(user.newsroom_language):
        actor = getattr(step.created_by, "display_name", "") or _("A colleague")
        sentence = SENTENCES[WorkflowAction(step.action)] % {"person": actor}
    context = {
        "step": step,
        "article": step.article,
        "reader": user,
        "sentence": sentence,
        "url": f"{settings.SITE_URL}{path}",
    }
    send_email("article_step", to=user.email, context=context, language=user.newsroom_language)
