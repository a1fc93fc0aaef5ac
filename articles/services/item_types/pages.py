"""Pages about the publication."""

from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from articles.models import Image, Page, PageVersion, Purpose
from articles.models.how_we_know import AI_SENTENCES
from articles.models.pages import PageVersionQuerySet
from articles.revisions.fields import EditableFields, editable_fields
from articles.richtext.vocabulary import clean, image_uuids, parse
from articles.services import redirects, reviews
from articles.services.item_types.base import EditableType, image_texts
from truthlytics.web.types import JsonObject


class PageType(EditableType[Page]):
    model = Page
    version_model = PageVersion
    text_columns = ("headline", "standfirst", "body")
    line_fields = ("headline", "standfirst", "slug")

    # --- Content ------------------------------------------------------------------------------------
    def content_of(self, item: Page) -> JsonObject:
        return reviews.with_reviews([item], [self._text_of(item)])[0]

    def _text_of(self, item: Page) -> JsonObject:
        body = clean(item.body)
        return {
            "uuid": str(item.uuid),
            "headline": " ".join(item.headline.split()),
            "standfirst": item.standfirst.strip(),
            "body": body,
            "pictures": image_texts(Image.objects.filter(uuid__in=image_uuids(body))),
            "footnotes": [mark.get("data-footnote") for mark in parse(body).iter("sup")],
            **item.ai_content(),
        }

    def checked_fields(self, content: dict[str, object]) -> EditableFields:
        return editable_fields(content)

    def missing(self, item: Page, *, essential_only: bool = False) -> list[str]:
        reasons = []
        if not item.headline.strip():
            reasons.append(_("Enter a title."))
        if not essential_only and not parse(clean(item.body)).text_content().strip():
            reasons.append(_("Enter some text."))
        return reasons

    def public_versions_showing(self, image: Image, now: datetime) -> PageVersionQuerySet:
        showing = PageVersion.objects.filter(content__contains=str(image.uuid)).exclude(page__withdrawn_at__lte=now)
        public = showing.served(now) | showing.scheduled(now)
        return public.select_related("page").order_by("page__headline", "page_id", "number")

    # --- Editing ------------------------------------------------------------------------------------
    def working_content(self, item: Page) -> dict[str, object]:
        return self._text_of(item) | {"slug": item.slug, "purpose": item.purpose}

    def content_with(self, item: Page, fields: EditableFields) -> dict[str, object]:
        # The form has no use of AI, which is stated where the page is published.
        names = ("headline", "standfirst", "body", "slug", "purpose")
        return self.working_content(item) | {name: fields[name] for name in names if name in fields}

    def fields_from_form(self, item: Page, form: QueryDict, current: EditableFields) -> EditableFields:
        fields = current | self.lines_from_form(form, current)
        fields["slug"] = fields["slug"] or item.slug
        fields["body"] = clean(str(form.get("body", fields["body"])))
        if form.get("purpose") in {"", *Purpose.values}:
            fields["purpose"] = form["purpose"]
        return fields

    def write(self, item: Page, fields: EditableFields) -> None:
        old_slug = item.slug
        self.write_text(item, fields)
        purpose = fields.get("purpose", item.purpose)
        if not purpose or not Page.objects.filter(purpose=purpose).exclude(pk=item.pk).exists():
            item.purpose = purpose
        for name in ("ai_uses", *AI_SENTENCES):
            setattr(item, name, fields.get(name, getattr(item, name)))
        item.save()
        redirects.slug_changed(item=item, old_slug=old_slug)
