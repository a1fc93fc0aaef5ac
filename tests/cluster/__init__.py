"""A rehearsal on several machines, each in a network namespace of its own (Linux, root).

    python -m tests.cluster            what CI runs
    python -m tests.cluster --full     the figures of docs/deploy.md: longer, and Redis away for a minute

It needs the packages iproute2, nginx, redis-server, pgbouncer and postgresql, and varnish for the cache in front. All
that it starts ends with it, however it ends: it runs in a process namespace of its own.
"""
