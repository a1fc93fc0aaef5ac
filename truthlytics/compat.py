"""What we use of libraries though their documentation does not promise it. Nothing else in the project may.

At most five entries, each with the reason and a link. `tests.truthlytics.test_compat` fails if one of the first two
changes, `tests.truthlytics.server.test_serve` for the third, and `tests.truthlytics.metrics.test_processes` for the
fourth.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import QuerySet

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


def serve_on_socket(
    fd: int, application: Callable[..., object], *, is_unix: bool, backlog: int, **options: object
) -> None:
    """3. Run one of Granian's workers in this process on a listening socket, until SIGTERM or SIGINT. Logs warnings.

    Granian's own server opens a TCP socket for each worker. When it replaces a worker, the connections that wait for
    the old one are reset. `options` are those of the worker.
    https://github.com/emmett-framework/granian/blob/master/granian/server/mp.py
    """
    from granian.constants import HTTPModes, Loops, RuntimeModes, SSLProtocols, TaskImpl
    from granian.log import LogLevels
    from granian.net import SocketHolder  # type: ignore[attr-defined]
    from granian.server.mp import MPServer

    MPServer._spawn_wsgi_worker(
        worker_id=1,
        process_name=None,
        callback_loader=lambda: application,
        sock=((None, SocketHolder(fd, is_unix, backlog)), None),  # type: ignore[call-arg]
        ipc=None,
        loop_impl=Loops.auto,
        log_enabled=True,
        log_level=LogLevels.warning,
        env_files=(),
        runtime_mode=RuntimeModes.mt,
        runtime_threads=1,
        runtime_blocking_threads=512,
        task_impl=TaskImpl.asyncio,
        http_mode=HTTPModes.http1,
        http2_settings=None,
        websockets=False,
        static_path=None,
        log_access_fmt=None,
        ssl_ctx=(False, None, None, None, str(SSLProtocols.tls13), None, [], False),
        scope_opts={},
        metrics=(None, None),
        **options,
    )


def count_in_files(folder: Path, identify: Callable[[], int]) -> None:
    """4. Let metrics that are made from now on count in files of `folder`, named after what `identify` returns.

    The documented way sets a variable for the first process of all, and names the files after process ids: each process
    that was ever replaced leaves its files behind, and every reading would read them.
    https://github.com/prometheus/client_python/blob/master/prometheus_client/values.py
    """
    from prometheus_client import values

    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue(identify)  # type: ignore[no-untyped-call]
