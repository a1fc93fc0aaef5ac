"""Reports of errors to Sentry, if SENTRY_DSN is set. Without it, its package is not imported.

Reported is what is logged as an error, so pages, tasks and periodic jobs need nothing of their own. A thread sends the
reports: nothing waits for Sentry, except the end of a process, for `PATIENCE` seconds.
"""

import logging

from django.conf import settings

from truthlytics import __version__

# In seconds.
PATIENCE = 2
# Reports that wait to be sent. Others are dropped meanwhile.
QUEUE_SIZE = 50


def start() -> None:
    """Report the errors of this process from now on. A forked process starts again, since it has no thread."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    from truthlytics.monitoring.reports import reduce_report

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=__version__,
        # Those for Django, HTTP clients and databases would collect requests, addresses and queries.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
            ExcepthookIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        ignore_errors=[KeyboardInterrupt],
        before_send=reduce_report,
        before_send_transaction=lambda event, hint: None,
        before_breadcrumb=lambda crumb, hint: None,
        max_breadcrumbs=0,
        # `send_default_pii` is off by default, and deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        enable_backpressure_handling=False,
        spotlight=False,
        transport_queue_size=QUEUE_SIZE,
        shutdown_timeout=PATIENCE,
    )


def stop() -> None:
    """Send what waits, and report nothing more. A process that forks does so, because it must have no other thread."""
    if settings.SENTRY_DSN:
        import sentry_sdk

        sentry_sdk.get_client().close()
