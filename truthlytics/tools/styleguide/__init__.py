"""The style guide at `/admin/styles/`: every component of the site, rendered with difficult content.

Each sample in `samples/` is a template of the site and its context, made up and unsaved.
"""
