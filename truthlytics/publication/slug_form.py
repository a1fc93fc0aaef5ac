"""A form for rows that have a name and a slug."""

from typing import Any

from django.utils.translation import gettext as _

from truthlytics.publication.slugs import make_slug, numbered
from truthlytics.web.generic import ModelForm


class SlugFromNameForm(ModelForm[Any]):
    """A slug left blank is made from the name; that of a row that has one already stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            if self.instance.pk is None:
                self.fields["slug"].help_text = _("Leave blank to use the name.")

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if data.get("slug") == "" and data.get("name"):
            data["slug"] = self.instance.slug or self.free_slug(data["name"])
        return data

    def free_slug(self, name: str) -> str:
        """Return a slug made of `name` that no other row has."""
        model = type(self.instance)
        limit = (model._meta.get_field("slug").max_length or 50) - 5
        base = make_slug(name)[:limit].strip("-") or str(model._meta.model_name)
        return numbered(base, set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)))
