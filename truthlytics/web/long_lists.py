"""Parts of change lists with very many rows: pages that skip rows by their keys, and filters with many options."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Page
from django.http import HttpRequest

from truthlytics.compat import NO_FILTERS
from truthlytics.web.generic import Paginator

FEW_ROWS = 1000


class KeyPaginator(Paginator[Any]):
    """Skips many rows by their keys only, and from the end of the list if that is nearer."""

    few_rows = FEW_ROWS

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        if start < self.few_rows:
            return super().page(number)
        end = min(start + self.per_page, self.count)
        rows: Any = self.object_list
        keys = rows.values("pk")
        keys = keys.reverse()[self.count - end : self.count - start] if 2 * start > self.count else keys[start:end]
        return Page(rows.filter(pk__in=keys), number, self)


class JoinedKeyPaginator(KeyPaginator):
    """For rows that are listed with joined tables: every page finds its keys first, in the table of the list alone."""

    few_rows = 0


class SelectFilter(admin.SimpleListFilter):
    """A filter with too many options for a list of links: a drop-down list, sent with a button."""

    template = "admin/select_filter.html"

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.other_parameters = [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in {self.parameter_name, *NO_FILTERS}
        ]
