"""What features and plug-ins add to the site with attributes of their AppConfig (docs/extending.md).

There is no base class for them: Django would not know which class in a plug-in's `apps` module is its configuration.
What can't be used is left out, logged, and named by `manage.py check`.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.db.models import Model, TextChoices
from django.urls import URLPattern, URLResolver
from django.utils.functional import Promise
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

MAX_TEXT = 2000
MAX_ENTRIES = 100
# As the columns of orders, payments and chosen emails, and of events, have it.
MAX_CODE = 20
MAX_KIND = 30


# Apps of the site that hang on as features do, but cannot be left out.
ALWAYS_ON = ("truthlytics.newsletters",)


class NewsroomPage(NamedTuple):
    """A page in menu, dashboard and palette, for users who can view or change `model`.

    It is in the `area` of the menu with this name, else in one of the app. `words` are others to find it by.
    """

    name: str | Promise
    url_name: str
    model: str
    area: str = ""
    words: str = ""


class NewsroomArea(NamedTuple):
    """An area of the menu, for pages that name its `key`. It follows the area `after`, or is the last one."""

    key: str
    name: str | Promise
    after: str = ""


class NewsroomAction(NamedTuple):
    """Something to do, which the palette offers to users with `permission`. `words` are others to find it by."""

    name: str | Promise
    url_name: str
    permission: str
    words: str = ""


class PersonalData(NamedTuple):
    """What an app stores about readers. `read` gets an account and returns what JSON can hold.

    `delete` gets the account, its address and the time, in the transaction that deletes the account.
    """

    name: str
    read: Callable[[Any], object]
    delete: Callable[[Any, str, datetime], object]


class ReaderField(NamedTuple):
    """A field of readers in the API. `read` gets accounts and returns the values by their ids.

    Keys that read it may be made by those with `permission`.
    """

    name: str
    schema: dict[str, Any]
    read: Callable[[list[Any]], Mapping[int, object]]
    permission: str


class StyleSamples(NamedTuple):
    """A component of the style guide. `make` returns a title, a template and its context for each sample."""

    component: str
    stylesheet: str
    make: Callable[[], list[tuple[str, str, dict[str, object]]]]


class PeriodicJob(NamedTuple):
    """A job of `tick`: `run` gets the time and returns a count of what `label` says. See `truthlytics.jobs.groups`.

    It is ended after `seconds`; 0 means the time that most jobs have.
    """

    group: str
    label: str
    run: Callable[[datetime], int]
    seconds: float = 0


def plugin_configs() -> Iterator[AppConfig]:
    """Yield the apps of `PLUGINS`."""
    return _configs(settings.PLUGINS)


def extension_configs() -> Iterator[AppConfig]:
    """Yield the apps of `FEATURES` and `PLUGINS`, and before them those that hang on in the same way."""
    return chain(_configs((*ALWAYS_ON, *feature_apps(settings.FEATURES))), plugin_configs())


def feature_apps(names: Iterable[str]) -> list[str]:
    """Return the Python names of the apps of features."""
    return [f"truthlytics.contrib.{name}" for name in names]


def _configs(names: Iterable[str]) -> Iterator[AppConfig]:
    beginnings = tuple(f"{name}." for name in names)
    return (config for config in apps.get_app_configs() if f"{config.name}.".startswith(beginnings))


def payment_providers() -> list[type[Any]]:
    """Return classes like `subscriptions.providers.Provider`."""
    return [found for config in plugin_configs() for found in _usable(config, "payment_providers")]


def import_formats() -> list[tuple[str, str, str]]:
    """Return names in the command, those in the interface, and the paths of classes like `importers.sources.Source`."""
    return [found for config in plugin_configs() for found in _usable(config, "import_formats")]


def newsroom_pages(config: AppConfig) -> list[NewsroomPage]:
    return list(_usable(config, "newsroom_pages"))


def newsroom_areas() -> list[NewsroomArea]:
    return [found for config in extension_configs() for found in _usable(config, "newsroom_areas")]


def newsroom_actions() -> list[NewsroomAction]:
    return [found for config in extension_configs() for found in _usable(config, "newsroom_actions")]


def role_permissions() -> list[tuple[str, str, str]]:
    """Return the name of a role, the label of an app and the codename of one of its permissions, for each."""
    found = []
    for config in extension_configs():
        for role, codename in _usable(config, "role_permissions"):
            found.append((role, config.label, codename))
    return found


def event_kinds() -> list[type[TextChoices]]:
    """Return classes like `truthlytics.events.models.Kind`."""
    return [found for config in extension_configs() for found in _usable(config, "event_kinds")]


def exported_tables() -> list[Any]:
    """Return objects like `truthlytics.exports.tables.Table`."""
    return [found for config in extension_configs() for found in _usable(config, "exported_tables")]


def personal_data() -> list[PersonalData]:
    return [found for config in extension_configs() for found in _usable(config, "personal_data")]


def email_groups() -> dict[str, Any]:
    """Return objects like `subscriptions.models.EmailGroup` by their name in the form."""
    return dict(found for config in extension_configs() for found in _usable(config, "email_groups"))


def api_reader_fields() -> list[ReaderField]:
    return [found for config in extension_configs() for found in _usable(config, "api_reader_fields")]


def newsroom_urls() -> list[Callable[[Any], Any]]:
    """Return functions that get the admin site and return URL patterns, which are included below /admin/."""
    return [found for config in extension_configs() for found in _usable(config, "newsroom_urls")]


def url_modules() -> list[str]:
    """Return the Python names of modules with `urlpatterns`, which are included after those of the site."""
    return [found for config in extension_configs() for found in _usable(config, "urls")]


def api_modules() -> list[str]:
    """Return the Python names of modules with `urlpatterns`, which are included below /api/ after those of the site."""
    return [found for config in extension_configs() for found in _usable(config, "api_urls")]


def footer_links() -> list[tuple[str | Promise, str]]:
    """Return labels and names of URLs, for links in the footer."""
    return [found for config in extension_configs() for found in _usable(config, "footer_links")]


def account_pages() -> list[tuple[str | Promise, str]]:
    """Return labels and names of URLs, for links in the navigation of the account."""
    return [found for config in extension_configs() for found in _usable(config, "account_pages")]


def paths_without_crawlers() -> list[str]:
    """Return beginnings of paths that robots.txt asks crawlers to leave alone."""
    return [found for config in extension_configs() for found in _usable(config, "paths_without_crawlers")]


def paths_with_keys() -> list[str]:
    """Return beginnings of paths where the header `Authorization` can have a key to more than visitors get."""
    return [found for config in extension_configs() for found in _usable(config, "paths_with_keys")]


def cached_queries() -> dict[str, frozenset[str]]:
    """Return the parameters that can be in queries of pages which the page cache keeps, by path."""
    return dict(found for config in extension_configs() for found in _usable(config, "cached_queries"))


def derived_models() -> list[type[Model]]:
    """Return models with rows that are made of others, so that they are left out where a whole site is copied."""
    return [found for config in extension_configs() for found in _usable(config, "derived_models")]


def site_styles() -> list[str]:
    """Return the names of style sheets, in order, which follow that of the site."""
    return [found for config in extension_configs() for found in _usable(config, "site_styles")]


def newsroom_styles() -> list[str]:
    """Return the names of style sheets, in order, which follow that of the newsroom."""
    return [found for config in extension_configs() for found in _usable(config, "newsroom_styles")]


def style_samples() -> list[StyleSamples]:
    return [found for config in extension_configs() for found in _usable(config, "style_samples")]


def periodic_jobs() -> list[PeriodicJob]:
    return [found for config in extension_configs() for found in _usable(config, "jobs")]


def long_tasks() -> dict[str, float]:
    """Return the seconds after which tasks that may take long are ended, by their path."""
    return dict(found for config in extension_configs() for found in _usable(config, "long_tasks"))


def metrics() -> dict[str, Callable[[datetime], Iterable[Any]]]:
    """Return functions that get the time and return readings (`truthlytics.web.readings`), by their path."""
    return dict(found for config in extension_configs() for found in _usable(config, "metrics"))


def called[T](
    function: Callable[..., Any], *arguments: object, otherwise: T, check: Callable[[Any], object] | None = None
) -> Any | T:
    """Return what `function` of an app returns. If it is a plug-in's and fails, that is logged: it returns `otherwise`.

    So it does if `check` raises an error for what it returns. Queries of one that fails are rolled back. An error in a
    feature is one of the site.
    """
    if not str(function.__module__).startswith(names_of_plugins()):
        return function(*arguments)
    try:
        with transaction.atomic():
            found = function(*arguments)
            if check:
                check(found)
            return found
    except Exception:
        logger.exception("%s.%s failed.", function.__module__, getattr(function, "__qualname__", function))
        return otherwise


def is_text(value: object, *, longest: int = MAX_TEXT) -> bool:
    """Return whether a page can show `value` as a text. Raises what its conversion raises."""
    if not isinstance(value, str | Promise):
        return False
    text = str(value)
    text.encode()
    return "\x00" not in text and len(text) <= longest


def problems() -> list[str]:
    """Return a sentence for each thing in the configurations of plug-ins that can't be used."""
    found: list[str] = []
    for config in extension_configs():
        for name in _READ:
            list(_usable(config, name, found.append))
    return found


def _usable(config: AppConfig, name: str, tell: Callable[[str], object] = logger.error) -> Iterator[Any]:
    """Yield what can be used of an attribute, and `tell` what can't."""
    try:
        entries = getattr(config, name, ())
        if not isinstance(entries, tuple | list) or len(entries) > MAX_ENTRIES:
            raise TypeError
    except Exception as error:  # noqa: BLE001 - whatever a plug-in does costs its own output only
        tell(f"“{name}” of the plug-in “{config.name}” cannot be used: {type(error).__name__}.")
        return
    for number, entry in enumerate(entries, start=1):
        try:
            yield _READ[name](entry)
        except Exception as error:
            if not config.name.startswith(names_of_plugins()):
                raise
            why = f"{type(error).__name__}: {error}" if isinstance(error, ImportError | ValueError) else type(error)
            tell(f"Entry {number} of “{name}” of the plug-in “{config.name}” cannot be used: {why}")


def names_of_plugins() -> tuple[str, ...]:
    """Return what the names of the apps of plug-ins begin with. An error in a feature is one of the site."""
    return tuple(settings.PLUGINS)


def _read_provider(path: Any) -> type[Any]:
    found = import_string(path)
    texts = [found.label, *(getattr(found, name, "") for name in ("site", "method", "instructions"))]
    if not (isinstance(found.code, str) and re.fullmatch(rf"[\w-]{{1,{MAX_CODE}}}", found.code)):
        raise ValueError(f"its code has letters, digits, - and _, at most {MAX_CODE}.")
    if not all(is_text(text) for text in texts) or not isinstance(found.renews, bool):
        raise ValueError("its label, site, method and instructions are texts, and renews is true or false.")
    found()
    return found  # type: ignore[no-any-return]


def _read_format(entry: Any) -> tuple[str, str, str]:
    name, label, path = entry
    if not all(is_text(text, longest=100) and text for text in entry) or not isinstance(path, str):
        raise ValueError("it has a name, a label and the path of a class.")
    return name, label, path


def _read_page(entry: Any) -> NewsroomPage:
    page = NewsroomPage(*entry)
    if not is_text(page.name, longest=100) or not all(isinstance(text, str) for text in page[1:]):
        raise ValueError("it has a name, the name of a URL and a model.")
    apps.get_model(page.model)
    return page


def _read_function(path: Any) -> Callable[..., Any]:
    found = import_string(path)
    if not callable(found):
        raise ValueError("it is the path of a function.")
    return found  # type: ignore[no-any-return]


def _read_metrics(path: Any) -> tuple[str, Callable[..., Any]]:
    return path, _read_function(path)


def _read_urls(name: Any) -> str:
    module = import_module(name)
    if not all(isinstance(pattern, URLPattern | URLResolver) for pattern in module.urlpatterns):
        raise ValueError("it is the name of a module with urlpatterns.")
    return str(name)


def _read_link(entry: Any) -> tuple[str | Promise, str]:
    label, url_name = entry
    if not is_text(label, longest=100) or not isinstance(url_name, str):
        raise ValueError("it has a label and the name of a URL.")
    return label, url_name


def _read_path(path: Any) -> str:
    if not isinstance(path, str) or not re.fullmatch(r"/[!-~]{1,200}", path):
        raise ValueError("it is a path that begins with “/”, without spaces.")
    return path


def _read_query(entry: Any) -> tuple[str, frozenset[str]]:
    path, *names = entry
    if not all(is_text(name, longest=100) for name in names):
        raise ValueError("it has a path and the names of parameters.")
    return _read_path(path), frozenset(names)


def _read_style(name: Any) -> str:
    if not isinstance(name, str) or not finders.find(name):
        raise ValueError("it is the name of a static file.")
    return name


def _read_derived(label: Any) -> type[Model]:
    model = apps.get_model(label)
    if model._meta.app_config not in [*extension_configs()]:
        raise ValueError("it is a model of the app.")
    return model


def _read_samples(entry: Any) -> StyleSamples:
    component, stylesheet, path = entry
    if not all(is_text(text, longest=100) for text in (component, stylesheet)):
        raise ValueError("it has the name of a component, its style sheet, and the path of a function.")
    return StyleSamples(component, stylesheet, _read_function(path))


def _read_job(entry: Any) -> PeriodicJob:
    group, label, path, *seconds = entry
    if not is_text(group, longest=100) or not is_text(label, longest=100) or not all(map(_is_time, seconds)):
        raise ValueError("it has the name of a group, what it counts, the path of a function, and perhaps seconds.")
    return PeriodicJob(group, label, _read_function(path), *seconds)


def _read_task(entry: Any) -> tuple[str, float]:
    path, seconds = entry
    if not isinstance(path, str) or not _is_time(seconds):
        raise ValueError("it has the path of a task, and seconds.")
    return path, seconds


def _is_time(seconds: object) -> bool:
    return isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0


def _read_area(entry: Any) -> NewsroomArea:
    area = NewsroomArea(*entry)
    if not is_text(area.name, longest=100) or not all(isinstance(text, str) for text in (area.key, area.after)):
        raise ValueError("it has a key, a name, and perhaps the key of the area before it.")
    return area


def _read_action(entry: Any) -> NewsroomAction:
    action = NewsroomAction(*entry)
    if not is_text(action.name, longest=100) or not all(isinstance(text, str) for text in action[1:]):
        raise ValueError("it has a name, the name of a URL, a permission, and perhaps other words.")
    return action


def _read_pair(entry: Any) -> tuple[str, str]:
    role, codename = entry
    if not all(isinstance(text, str) for text in (role, codename)):
        raise ValueError("it has the name of a role, and what a permission of the app is called.")
    return role, codename


def _read_kinds(path: Any) -> type[TextChoices]:
    found = import_string(path)
    if not (isinstance(found, type) and issubclass(found, TextChoices)):
        raise ValueError("it is the path of a class of TextChoices.")
    for value, label in found.choices:
        if not re.fullmatch(r"[a-z_]+\.[a-z_]+", value) or len(value) > MAX_KIND or not is_text(label, longest=100):
            raise ValueError(f"its values are such as “tide.turned”, of at most {MAX_KIND} characters, with labels.")
    return found


def _read_table(path: Any) -> Any:
    table = import_string(path)
    if not re.fullmatch(r"[a-z_]{1,60}", table.name) or table.model._meta.app_config not in [*extension_configs()]:
        raise ValueError("it has the name of a file, and a model of the app.")
    return table


def _read_personal_data(entry: Any) -> PersonalData:
    name, read, delete = entry
    if not is_text(name, longest=100):
        raise ValueError("it has a name, and the paths of two functions.")
    return PersonalData(name, _read_function(read), _read_function(delete))


def _read_email_group(entry: Any) -> tuple[str, Any]:
    name, path = entry
    group = import_string(path)
    if not (isinstance(name, str) and name.isidentifier() and is_text(group.title) and is_text(group.help_text)):
        raise ValueError("it has a name and the path of an EmailGroup.")
    for kind in group.kinds:
        if not re.fullmatch(rf"[a-z_]{{1,{MAX_CODE}}}", kind.value) or not is_text(kind.label):
            raise ValueError(f"its kinds have lower-case letters and _, at most {MAX_CODE}, and labels.")
    return name, group


def _read_reader_field(entry: Any) -> ReaderField:
    name, schema, read, permission = entry
    if not all(isinstance(text, str) for text in entry) or not name.isidentifier():
        raise ValueError("it has a name, the paths of a schema and of a function, and a permission.")
    found = import_string(schema)
    if not isinstance(found, dict):
        raise ValueError("its schema is a dictionary.")
    return ReaderField(name, found, _read_function(read), permission)


_READ: dict[str, Callable[[Any], Any]] = {
    "payment_providers": _read_provider,
    "import_formats": _read_format,
    "newsroom_pages": _read_page,
    "newsroom_areas": _read_area,
    "newsroom_actions": _read_action,
    "newsroom_urls": _read_function,
    "role_permissions": _read_pair,
    "event_kinds": _read_kinds,
    "exported_tables": _read_table,
    "personal_data": _read_personal_data,
    "email_groups": _read_email_group,
    "api_reader_fields": _read_reader_field,
    "urls": _read_urls,
    "api_urls": _read_urls,
    "footer_links": _read_link,
    "account_pages": _read_link,
    "paths_without_crawlers": _read_path,
    "paths_with_keys": _read_path,
    "cached_queries": _read_query,
    "derived_models": _read_derived,
    "site_styles": _read_style,
    "newsroom_styles": _read_style,
    "style_samples": _read_samples,
    "jobs": _read_job,
    "long_tasks": _read_task,
    "metrics": _read_metrics,
}
