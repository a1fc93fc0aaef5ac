"""What operators learn of a running site: errors in Sentry, slow pages, and security releases.

`truthlytics.metrics` has the numbers for Prometheus, and *Settings → System* shows what is here to people.
"""
