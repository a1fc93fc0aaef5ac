# One image for the whole site: web server, task worker and periodic jobs. See docs/container.md.

FROM debian:trixie-slim AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libpq5 python3 tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
WORKDIR /srv/truthlytics
# Uploads wait in TMPDIR until they are complete: on the volume they take no memory.
ENV PATH=/srv/truthlytics/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/truthlytics/static \
    TMPDIR=/data \
    VAR_DIR=/data
RUN useradd --uid 10001 --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin truthlytics \
    && install --directory --owner truthlytics --group truthlytics --mode 750 /data

FROM base AS build
# pg_dump and pg_restore are for `backup` and `restore` on PostgreSQL. Installed as a package, they bring Perl.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && cd /tmp \
    && apt-get download postgresql-client-17 \
    && dpkg-deb --extract postgresql-client-17_*.deb /postgresql
COPY pyproject.toml requirements.txt requirements-uv.txt ./
RUN python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes --requirement requirements-uv.txt \
    && /opt/uv/bin/uv venv --quiet --no-managed-python \
    && /opt/uv/bin/uv pip install --quiet --no-cache --compile-bytecode --require-hashes --requirement requirements.txt \
    && find .venv \( -name '*.po' -o -name '*.h' -o -name '*.px[di]' -o -name '*.pyx' \) -delete \
    && find .venv/lib/*/site-packages/botocore/data -mindepth 1 -maxdepth 1 -type d -not -name s3 -not -name sts \
        -exec rm -r {} +
COPY . .
# Static files, a migrated database to begin with, and compiled code: so the first start takes a few seconds.
RUN export SECRET_KEY=only-for-this-step VAR_DIR=/tmp/var DATABASE_URL=sqlite:///empty.sqlite3 \
    && python manage.py collectstatic --noinput \
    && python manage.py migrate --verbosity 0 \
    && chmod a+r empty.sqlite3 \
    && python -m compileall -q articles comments subscriptions truthlytics

FROM base
COPY --from=build /postgresql/usr/lib/postgresql/17/bin/pg_dump /postgresql/usr/lib/postgresql/17/bin/pg_restore /usr/local/bin/
COPY --from=build /srv/truthlytics .
ENV PYTHONDONTWRITEBYTECODE=1
LABEL org.opencontainers.image.title="Truthlytics" \
      org.opencontainers.image.description="A publishing system for independent news and analysis" \
      org.opencontainers.image.licenses="BSD-3-Clause"
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-ISc", "from http.client import HTTPConnection as C; c = C('127.0.0.1:8000', timeout=4); c.request('GET', '/healthz'); assert c.getresponse().status == 200"]
ENTRYPOINT ["python", "manage.py"]
CMD ["start", "--host", "0.0.0.0"]
