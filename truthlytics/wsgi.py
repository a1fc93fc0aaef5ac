"""The WSGI callable that `manage.py serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
application = get_wsgi_application()
