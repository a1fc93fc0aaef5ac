"""What we use of Django though its documentation does not promise it. Nothing else in the project may.

At most five entries, each with the reason and a link. `tests.truthlytics.test_compat` fails if one of them changes.
"""

from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import QuerySet
from django.http.request import split_domain_port, validate_host

# 1. The parameters of an admin list that are no filters: links that change a filter leave them out.
#    https://github.com/django/django/blob/stable/6.1.x/django/contrib/admin/views/main.py
NO_FILTERS = frozenset({PAGE_VAR, ERROR_FLAG})


def sql_of(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """2. Return the SQL of a query and its parameters.

    The archive looks for an article in each of some hundred months with one query, which needs a table of values that
    the ORM does not have. `str(rows.query)` is documented, but does not quote parameters.
    https://github.com/django/django/blob/stable/6.1.x/django/db/models/sql/query.py
    """
    sql, parameters = rows.query.sql_with_params()
    return sql, tuple(parameters)


def is_allowed_host(host: str, allowed: list[str]) -> bool:
    """3. Return whether the value of a Host header matches `ALLOWED_HOSTS`.

    The page cache must decide as `HttpRequest.get_host` does, before there is a request.
    https://github.com/django/django/blob/stable/6.1.x/django/http/request.py
    """
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)
