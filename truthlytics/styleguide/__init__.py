"""The style page, `/admin/styles/`: every component of the site with hard content, drawn by the real templates.

`samples/` holds what is shown, a module a subject; each sample is a template and what it takes, made up and unsaved.
"""
