"""What editors type, or drop, to move what waits for its time."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.utils import timezone

from articles.forms.schedule import TimeForm
from articles.models import Article


class MoveForm(TimeForm):
    """When it shall go out. `seen` is the number of the version that waited; `back` the page to return to."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    back = forms.ChoiceField(
        choices=[("", "desk"), ("month", "month"), ("week", "week")], required=False, widget=forms.HiddenInput
    )

    @classmethod
    def of(cls, article: Article, post: Mapping[str, Any] | None, *, back: str = "") -> Self:
        """For the plan of `article`: what was dropped on a day keeps its time of day."""
        waiting = article.upcoming
        initial: dict[str, Any] = {"back": back}
        if waiting is not None and article.upcoming_at is not None:
            local = timezone.localtime(article.upcoming_at)
            initial |= {"day": local.date(), "hour": local.time(), "seen": waiting.number}
        if post is None:
            return cls(initial=initial)
        data: Any = post.copy()  # type: ignore[attr-defined]
        if "hour" not in data and "hour" in initial:
            data["hour"] = initial["hour"].strftime("%H:%M:%S")
        return cls(data, initial=initial)
