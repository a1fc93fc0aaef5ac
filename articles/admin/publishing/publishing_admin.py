"""Base class for admins of rows that are published: articles, dossiers and pages."""

from typing import Any

from django.http import HttpRequest

from articles.admin.base import BaseAdmin
from articles.admin.editing.checks import Found


class PublishingAdmin(BaseAdmin):
    """Hooks that the publishing views (`articles.admin.publishing.publish` and its neighbours) call.

    Versions are `Version`, `DossierVersion` or `PageVersion`.
    """

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"articles.publish_{self.opts.model_name}"))

    def badges(self, obj: Any) -> str:
        """Return the state of `obj` as badges."""
        raise NotImplementedError

    def findings(self, obj: Any) -> Found:
        """Return the results of the checks on the draft of `obj`."""
        raise NotImplementedError

    def missing(self, obj: Any) -> list[str]:
        """Return errors that block publishing and that the checks do not cover."""
        return []

    def is_unchanged(self, obj: Any, served: Any) -> bool:
        """Return whether publishing the draft of `obj` would repeat the version `served`."""
        raise NotImplementedError

    def publish_object(self, obj: Any, *, by: Any, at: Any, note: str) -> Any:
        """Publish `obj` at the UTC time `at`, or now, and return the new version."""
        raise NotImplementedError

    def publish_context(self, obj: Any) -> dict[str, Any]:
        """Return the context of the publish page: `facts` (pairs of label and value), `comparison` and the like."""
        return {}
