"""What is done with pictures beside one picture's page: bringing many, wording many, a new file, publishing again."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.editing.context import as_json
from articles.forms.images import ReplaceForm, TakeOverForm, WordsForm
from articles.models import Article, Image, Page
from articles.models.media import Licence
from articles.services import image_updates
from articles.services.image_updates import Outdated
from articles.services.media import bring, name_of, replace_file, try_again
from articles.services.page_image_updates import outdated_pages, take_over_page
from truthlytics.audit.log import log_action, log_changes
from truthlytics.web.ids import row_id
from truthlytics.web.text import without_controls

# So many files in one sending, so many pictures on the page of words.
MOST = 50
WORDED_AT_ONCE = 24
KNOWN = "This very file is in the library already."
DEED = "The words of many pictures."
LACKING = "Unfinished: needs alt and credit."


@require_POST
def upload(request: HttpRequest, admin: Any) -> HttpResponse:
    """Take what was dropped or chosen, each file by itself: what is refused says why and hinders no other.

    Answers JSON where that is asked for, a page else: a file that is refused is an answer, and no failure.
    """
    if not admin.has_add_permission(request):
        raise PermissionDenied
    files = [_brought(file, request, admin) for file in request.FILES.getlist("files")[:MOST]]
    if request.accepts("text/html"):
        context = admin.admin_site.each_context(request) | {"title": "What was brought", "opts": admin.opts}
        new = [file["pk"] for file in files if file["state"] == "added"]
        context |= {"files": files, "new": new}
        return TemplateResponse(request, "admin/articles/image/upload_results.html", context, status=200 if files else 422)
    if not files:
        return JsonResponse({"files": [], "says": "No file arrived."}, status=422)
    return JsonResponse({"files": files}, status=201 if any(file["state"] == "added" for file in files) else 200)


def _brought(file: Any, request: HttpRequest, admin: Any) -> dict[str, Any]:
    try:
        image, new = bring(image=Image(uploaded_by=cast(Any, request.user)), file=file)
    except ValidationError as error:
        return {"state": "refused", "name": name_of(file), "says": " ".join(error.messages)}
    if new:
        admin.log_addition(request, image, "Brought in.")
    said = LACKING if not image.complete else ""
    state, says = ("added", said) if new else ("known", f"{KNOWN} {said}".strip())
    return as_json(image) | {"state": state, "name": name_of(file), "says": says}


@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, admin: Any) -> HttpResponse:
    """Alt text, credit and licence of many pictures on one page: those chosen as `pk`, else what lacks them."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    mine = Image.objects.mended_by(request.user).prefetch_related("renditions")
    sent = request.method == "POST"
    images = list(_chosen(mine, (request.POST if sent else request.GET).getlist("pk")))
    if not images and sent:
        raise PermissionDenied
    shared = {
        name: without_controls(request.POST.get(f"all-{name}", "")).strip()[:200] for name in ("credit", "licence")
    }
    forms = [_words_form(image, request.POST if sent else None, shared) for image in images]
    left = [form for form in forms if not form.is_valid()] if sent else forms
    whole = [form for form in forms if sent and form not in left]
    # Asked anew: what is in the forms has changed already.
    with log_changes(Image.objects.filter(pk__in=[form.instance.pk for form in whole]), by=request.user, message=DEED):
        saved = [form.save() for form in whole]
    if not request.accepts("text/html"):
        said = [(form.fields[name].label, text) for form in left for name in form.errors for text in form.errors[name]]
        says = " ".join(f"{label}: {text}" for label, text in said)
        return JsonResponse({"saved": [as_json(image) for image in saved], "says": says})
    if saved:
        number = "1 picture" if len(saved) == 1 else f"{len(saved)} pictures"
        messages.success(request, f"The words of {number} are saved.")
    if sent and not left:
        return redirect("admin:articles_image_changelist")
    context = admin.admin_site.each_context(request) | {
        "title": "Alt text and credits", "opts": admin.opts, "forms": [(form, as_json(form.instance)) for form in left],
        "licences": Licence.values, "more": mine.filter(complete=False).count() if not sent else 0,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/image/metadata.html", context, status=422 if sent else 200)


def _chosen(mine: QuerySet[Image], pks: list[str]) -> QuerySet[Image]:
    ids = [pk for pk in map(row_id, pks[:MOST]) if pk is not None]
    found = mine.filter(pk__in=ids) if pks else mine.filter(complete=False)
    return found.order_by("-uploaded_at", "-pk")[:WORDED_AT_ONCE]


def _words_form(image: Image, data: Any, shared: dict[str, str]) -> WordsForm:
    prefix = f"p{image.pk}"
    if data is not None and any(shared.values()):
        data = data.copy()
        for name, said in shared.items():
            if said and not data.get(f"{prefix}-{name}", "").strip():
                data[f"{prefix}-{name}"] = said
    form = WordsForm(data, instance=image, prefix=prefix)
    # What this page does not ask stays as it is, or as the file proposes.
    for name in ("title", "terms"):
        del form.fields[name]
    return form


def _to_be_mended(admin: Any, request: HttpRequest, pk: int) -> Image:
    image: Image = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, image):
        raise PermissionDenied
    return image


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Another file in the place of this one; what was published goes on showing the one that it named."""
    image = _to_be_mended(admin, request, pk)
    form = ReplaceForm(request.POST, request.FILES) if request.method == "POST" else ReplaceForm()
    if request.method == "POST" and form.is_valid():
        try:
            replace_file(image=image, file=form.cleaned_data["file"], by=request.user)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            admin.log_change(request, image, "File replaced.")
            messages.success(request, "The file is replaced. Its smaller sizes are being made.")
            offered = admin.may_publish(request) and outdated(image)
            return redirect(f"admin:articles_image_{'publish' if offered else 'change'}", image.pk)
    context = admin.admin_site.each_context(request) | {
        "title": "Replace the file", "opts": admin.opts, "original": image, "picture": as_json(image), "form": form,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/articles/image/replace.html", context, status=status)


@require_POST
def sizes(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Try once more to make what could not be made."""
    image = _to_be_mended(admin, request, pk)
    try_again(image=image)
    messages.info(request, "Its smaller sizes are being made once more.")
    return redirect("admin:articles_image_change", image.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Take a mended picture over into the articles that show it as it was: a minor version in each that is chosen."""
    image = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    found = outdated(image) if image.complete else []
    form = TakeOverForm(request.POST if request.method == "POST" else None)
    form.fields["articles"].choices = [(one.key, str(one.thing)) for one in found]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] != image_updates.mark(image):
            form.add_error(None, "The picture was changed in the meantime. Look at what goes out before you publish.")
        else:
            chosen = [one.thing for one in found if one.key in form.cleaned_data["articles"]]
            done = [one for one in chosen if _take_over(one, image, request.user, form.cleaned_data["note"])]
            said = f"Published in {counted(done)}."
            admin.log_change(request, image, said)
            for thing in done:
                log_action(by=request.user, row=thing, message=f"Published with the picture “{image}” as it is now.")
            messages.success(request, said)
            return redirect("admin:articles_image_change", image.pk)
    differing = sorted({name for one in found for name, _, _ in one.differs})
    context = admin.admin_site.each_context(request) | {
        "title": "Publish the change", "opts": admin.opts, "original": image, "picture": as_json(image), "form": form,
        "found": found, "where": counted([one.thing for one in found]), "seen": image_updates.mark(image),
        "proposal": _note(differing),
        "chosen": request.POST.getlist("articles"), "most": image_updates.AT_ONCE,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/image/publish.html", context, status=status)


def outdated(image: Image) -> list[Outdated]:
    """What on the site, or on its way to it, does not show `image` as it is now: pages, then articles."""
    return [*outdated_pages(image), *image_updates.outdated(image)]


def counted(things: Sequence[Article | Page]) -> str:
    """“3 articles”, “1 article and 2 pages”."""
    pages = sum(isinstance(thing, Page) for thing in things)
    parts = [(len(things) - pages, "article"), (pages, "page")]
    return " and ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in parts if n) or "0 articles"


def _take_over(thing: Article | Page, image: Image, by: Any, note: str) -> bool:
    """In a transaction of its own; False where nothing differed any more."""
    if isinstance(thing, Page):
        return bool(take_over_page(page=thing, image=image, by=by, note=note))
    return bool(image_updates.take_over(article=thing, image=image, by=by, note=note))


def _note(differing: list[str]) -> str:
    """A sentence for readers, to begin with."""
    if "file" in differing:
        return "A picture was replaced."
    return f"We corrected the {' and the '.join(differing)} of a picture." if differing else ""
