"""First start without the demo: `manage.py setup`, or /admin/setup/ in the browser, while there is no staff account."""
