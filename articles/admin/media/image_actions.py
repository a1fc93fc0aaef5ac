"""Image views beside the change form: uploads, bulk metadata, file replacement and publishing updates."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.admin.editing.context import LARGER, as_json, thumbnail
from articles.forms.images import ImageMetadataForm, ImageUpdateForm, ReplaceForm
from articles.models import Article, ChangeKind, Image, Page
from articles.models.media import Licence
from articles.services import image_updates
from articles.services.image_updates import OutdatedItem, outdated_items, update_image
from articles.services.media import UNREACHABLE, add_image, file_name_of, replace_file
from articles.services.media import retry_renditions as retry
from articles.services.publishing import NotReadyError
from truthlytics.audit.log import log_action, log_changes
from truthlytics.web.form_fields import choice_field
from truthlytics.web.ids import parse_id
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.media.images import ImageAdmin


MAX_UPLOADS = 50
MAX_ALT_LENGTH = Image._meta.get_field("alt").max_length
# The width of a lead image on a large screen, in CSS pixels.
LARGE_WIDTH = 912
METADATA_PAGE_SIZE = 24
DUPLICATE = gettext_lazy("This file is already in the library.")
INCOMPLETE = gettext_lazy("Incomplete: add alt text and a credit.")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@require_POST
def upload(request: HttpRequest, admin: "ImageAdmin") -> HttpResponse:
    """Upload files, each on its own: a refused file does not affect the others and answers with the reason.

    Answers JSON to scripts and a page to everyone else.
    """
    if not admin.has_add_permission(request):
        raise PermissionDenied
    alt = alt_of(request)
    files = [
        add_to_library(request, admin, name=file_name_of(file), add=partial(_add, request, file, alt))
        for file in request.FILES.getlist("files")[:MAX_UPLOADS]
    ]
    if request.accepts("text/html"):
        new = [file["pk"] for file in files if file["state"] == "added"]
        context = admin.view_context(request, title=_("Upload"), files=files, new=new)
        return TemplateResponse(
            request, "admin/articles/image/upload_results.html", context, status=200 if files else 422
        )
    if not files:
        return JsonResponse({"files": [], "says": _("No file received.")}, status=422)
    return JsonResponse({"files": files}, status=201 if any(file["state"] == "added" for file in files) else 200)


def _add(request: HttpRequest, file: UploadedFile[bytes], alt: str) -> tuple[Image, bool]:
    return add_image(image=Image(uploaded_by=user_of(request), alt=alt), file=file)


def alt_of(request: HttpRequest) -> str:
    """Return the alt text that a pasted image had, as one line."""
    return " ".join(strip_control_characters(request.POST.get("alt", "")).split())[:MAX_ALT_LENGTH]


def add_to_library(
    request: HttpRequest, admin: "ImageAdmin", *, name: str, add: Callable[[], tuple[Image, bool]]
) -> dict[str, object]:
    """Call `add`, which returns an image and whether it is new, and return the result for a script or page."""
    try:
        image, created = add()
    except ValidationError as error:
        unreachable = error.code == UNREACHABLE
        return {"state": "refused", "name": name, "unreachable": unreachable, "says": " ".join(error.messages)}
    if created:
        admin.log_addition(request, image, _("Uploaded."))
    hint = INCOMPLETE if not image.complete else ""
    state, message = ("added", hint) if created else ("known", f"{DUPLICATE} {hint}".strip())
    return as_json(image) | {"state": state, "name": name, "says": message}


@require_safe
def by_uuid(request: HttpRequest, admin: "ImageAdmin") -> JsonResponse:
    """Return the images with the UUIDs `uuid`, for a text that the page was not loaded with."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    uuids = [uuid for uuid in request.GET.getlist("uuid")[:MAX_UPLOADS] if _UUID.fullmatch(uuid)]
    images = Image.objects.filter(uuid__in=uuids).prefetch_related("renditions")
    return JsonResponse({"items": [as_json(image) for image in images]})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_metadata(request: HttpRequest, admin: "ImageAdmin") -> HttpResponse:
    """Edit alt text, credit and licence of several images: those selected as `pk`, otherwise the incomplete ones."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    editable = Image.objects.editable_by(user_of(request)).prefetch_related("renditions")
    posted = request.method == "POST"
    images = list(_selected(editable, (request.POST if posted else request.GET).getlist("pk")))
    if not images and posted:
        raise PermissionDenied
    defaults = {
        name: strip_control_characters(request.POST.get(f"all-{name}", "")).strip()[:200]
        for name in ("credit", "licence")
    }
    forms = [_metadata_form(image, request.POST if posted else None, defaults) for image in images]
    remaining = [form for form in forms if not form.is_valid()] if posted else forms
    valid = [form for form in forms if posted and form not in remaining]
    # Fetch the rows again for the log: validation has already changed the instances of the forms.
    rows = Image.objects.filter(pk__in=[form.instance.pk for form in valid])
    with log_changes(rows, by=user_of(request), message=_("Image details changed.")):
        saved = [form.save() for form in valid]
    if not request.accepts("text/html"):
        errors = [
            f"{form.fields[name].label}: {error}"
            for form in remaining
            for name in form.errors
            for error in form.errors[name]
        ]
        return JsonResponse({"saved": [as_json(image) for image in saved], "says": " ".join(errors)})
    if saved:
        message = ngettext("Metadata of %(count)s image saved.", "Metadata of %(count)s images saved.", len(saved))
        messages.success(request, message % {"count": len(saved)})
    if posted and not remaining:
        return redirect("admin:articles_image_changelist")
    context = admin.view_context(
        request,
        title=_("Alt text and credits"),
        forms=[(form, as_json(form.instance)) for form in remaining],
        licences=Licence.values,
        more=editable.filter(complete=False).count() if not posted else 0,
    )
    return TemplateResponse(request, "admin/articles/image/metadata.html", context, status=422 if posted else 200)


def _selected(editable: QuerySet[Image], pks: list[str]) -> QuerySet[Image]:
    ids = [pk for pk in map(parse_id, pks[:MAX_UPLOADS]) if pk is not None]
    images = editable.filter(pk__in=ids) if pks else editable.filter(complete=False)
    return images.order_by("-uploaded_at", "-pk")[:METADATA_PAGE_SIZE]


def _metadata_form(image: Image, data: QueryDict | None, defaults: dict[str, str]) -> ImageMetadataForm:
    prefix = f"p{image.pk}"
    if data is not None and any(defaults.values()):
        data = data.copy()
        for name, default in defaults.items():
            if default and not data.get(f"{prefix}-{name}", "").strip():
                data[f"{prefix}-{name}"] = default
    form = ImageMetadataForm(data, instance=image, prefix=prefix)
    # Fields that this page does not show stay as they are.
    for name in ("title", "terms", "ai_use"):
        del form.fields[name]
    return form


def _get_editable(admin: "ImageAdmin", request: HttpRequest, pk: int) -> Image:
    image: Image = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, image):
        raise PermissionDenied
    return image


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, pk: int, admin: "ImageAdmin") -> HttpResponse:
    """Replace the file of an image. Published versions keep showing the previous file."""
    image = _get_editable(admin, request, pk)
    form = ReplaceForm(request.POST, request.FILES) if request.method == "POST" else ReplaceForm()
    if request.method == "POST" and form.is_valid():
        try:
            width, height = image.width, image.height
            replace_file(image=image, file=form.cleaned_data["file"], by=user_of(request))
        except ValidationError as error:
            form.add_error("file", error)
        else:
            admin.log_change(request, image, _("File replaced."))
            messages.success(request, _("File replaced. Smaller sizes are being made."))
            if is_much_smaller(image, width):
                messages.warning(
                    request,
                    _(
                        "The new file is much smaller: %(new)s instead of %(old)s pixels. It will look blurred where "
                        "the image is shown large. To undo this, replace it by the earlier file."
                    )
                    % {"new": f"{image.width} × {image.height}", "old": f"{width} × {height}"},
                )
            updates_available = admin.may_publish(request) and outdated_items(image)
            return redirect(f"admin:articles_image_{'publish' if updates_available else 'change'}", image.pk)
    context = admin.view_context(request, title=_("Replace file"), original=image, image=as_json(image), form=form)
    return TemplateResponse(request, "admin/articles/image/replace.html", context, status=422 if form.errors else 200)


def is_much_smaller(image: Image, width: int) -> bool:
    """Return whether `image` is too narrow for a large screen and far narrower than its earlier file was."""
    return image.width < min(width * 2 / 3, LARGE_WIDTH)


@require_POST
def retry_renditions(request: HttpRequest, pk: int, admin: "ImageAdmin") -> HttpResponse:
    """Try again to make the renditions that failed."""
    image = _get_editable(admin, request, pk)
    retry(image=image)
    messages.info(request, _("The renditions are being processed again."))
    return redirect("admin:articles_image_change", image.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int, admin: "ImageAdmin") -> HttpResponse:
    """Publish a changed image in the selected articles and pages, as a new version of each."""
    image = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    items = outdated_items(image) if image.complete else []
    proposal = image_updates.proposed_kind(items, image)
    form = ImageUpdateForm(request.POST if request.method == "POST" else None, proposal=proposal)
    choice_field(form, "articles").choices = [(item.key, str(item.item)) for item in items]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["seen"] != image_updates.fingerprint(image):
            form.add_error(None, _("The image was changed in the meantime. Review the updates before you publish."))
        else:
            selected = [item.item for item in items if item.key in data["articles"]]
            change = {"image": image, "by": request.user, "note": data["note"], "kind": data["kind"]}
            try:
                with transaction.atomic():
                    updated = [item for item in selected if update_image(item=item, **change)]
            except NotReadyError as error:
                form.add_error("note", ValidationError(error.reasons))
            else:
                return _published(admin, request, image, updated)
    context = admin.view_context(
        request,
        title=_("Publish image updates"),
        original=image,
        image=as_json(image),
        new_file={"url": thumbnail(image, LARGER), "width": image.width, "height": image.height},
        form=form,
        outdated=[(item, _published_file(item, image)) for item in items],
        proposal=proposal,
        kinds=list(ChangeKind),
        where=count_items([item.item for item in items]),
        seen=image_updates.fingerprint(image),
        default_note=_default_note(sorted({name for item in items for name, _before, _after in item.differences})),
        selected=request.POST.getlist("articles"),
        max_items=image_updates.BATCH,
    )
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/image/publish.html", context, status=status)


def _published_file(item: OutdatedItem, image: Image) -> dict[str, object] | None:
    """Return the earlier file of `image` that `item` still shows, as the template needs it; None if it has the new."""
    if not item.published_file:
        return None
    file = image.original(item.published_file)
    return {"url": thumbnail(image, LARGER, item.published_file), "width": file.width, "height": file.height}


def _published(
    admin: "ImageAdmin", request: HttpRequest, image: Image, updated: Sequence[Article | Page]
) -> HttpResponse:
    """Log that `image` was published in `updated`, show a message, and return to its page."""
    message = _("Published in %(items)s.") % {"items": count_items(updated)}
    admin.log_change(request, image, message)
    for item in updated:
        text = _("Published with the current image “%(image)s”.") % {"image": image}
        log_action(by=user_of(request), row=item, message=text)
    messages.success(request, message)
    return redirect("admin:articles_image_change", image.pk)


def count_items(items: Sequence[Article | Page]) -> str:
    """Return “3 articles” or “1 article and 2 pages”."""
    pages = sum(isinstance(item, Page) for item in items)
    count = len(items) - pages
    articles_text = ngettext("%(count)s article", "%(count)s articles", count) % {"count": count}
    pages_text = ngettext("%(count)s page", "%(count)s pages", pages) % {"count": pages}
    if count and pages:
        return _("%(articles)s and %(pages)s") % {"articles": articles_text, "pages": pages_text}
    return pages_text if pages else articles_text


def _default_note(changed: list[str]) -> str:
    if str(image_updates.LABELS["sha256"]) in changed:
        return "An image was replaced."
    return f"We corrected the {' and the '.join(changed)} of an image." if changed else ""
