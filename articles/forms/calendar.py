"""Form for moving a scheduled publication to another time."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.utils import timezone

from articles.forms.schedule import FutureTimeForm
from articles.models import Article


class MoveForm(FutureTimeForm):
    """The new time. `seen` is the number of the scheduled version; `back` is the page to return to."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    back = forms.ChoiceField(
        choices=[("", "editor"), ("month", "month"), ("week", "week")], required=False, widget=forms.HiddenInput
    )

    @classmethod
    def for_article(cls, article: Article, post: Mapping[str, object] | None, *, back: str = "") -> Self:
        """Return the form for the scheduled version of `article`. Dropping it on another date keeps its time."""
        scheduled = article.upcoming
        initial: dict[str, Any] = {"back": back}
        if scheduled is not None and article.upcoming_at is not None:
            local = timezone.localtime(article.upcoming_at)
            initial |= {"day": local.date(), "hour": local.time(), "seen": scheduled.number}
        if post is None:
            return cls(initial=initial)
        data: Any = post.copy()  # type: ignore[attr-defined]
        if "hour" not in data and "hour" in initial:
            data["hour"] = initial["hour"].strftime("%H:%M:%S")
        return cls(data, initial=initial)
