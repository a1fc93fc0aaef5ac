"""`/metrics` for Prometheus: what the web processes have counted, and what the database and the disks say at that time.

It exists only with `METRICS_TOKEN`. Without it nothing of this package is imported by a web process.
"""
