# One image for every process of Murph: `gunicorn` serves; `flask worker`, `flask clock` and `flask db upgrade`
# are other commands of it, which have no address to look at: run those with --no-healthcheck. What not everybody
# needs comes with a --build-arg: FFMPEG=1 for the worker that packages videos, BACKUP=1 for `flask backup` on MySQL and
# MariaDB, OBSERVABILITY=1 for Sentry and OpenTelemetry.
ARG PYTHON=python:3.11-slim
ARG NODE=node:22-slim

# --- the library that plays videos in the browser -------------------------------------------------------
FROM ${NODE} AS player
WORKDIR /player
COPY murph/web/package.json murph/web/package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# --- what Python needs, from wheels whose hashes are known; neither compiler nor pip goes any further -----
FROM ${PYTHON} AS libraries
ARG OBSERVABILITY=""
COPY requirements.txt requirements-observability.txt /
RUN python -m venv --without-pip /opt/murph \
    && pip --python /opt/murph/bin/python install --no-cache-dir --only-binary :all: \
        -r "/requirements${OBSERVABILITY:+-observability}.txt"

# --- what runs -------------------------------------------------------------------------------------------
FROM ${PYTHON}
ARG FFMPEG=""
ARG BACKUP=""
RUN packages="${FFMPEG:+ffmpeg} ${BACKUP:+mariadb-client}" \
    && if [ "$packages" != " " ]; then \
        apt-get update && apt-get install -y --no-install-recommends $packages && rm -rf /var/lib/apt/lists/*; \
    fi \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin murph \
    && install -d -o murph -g murph -m 0700 /data
COPY --from=libraries /opt/murph /opt/murph
WORKDIR /srv/murph
COPY config.py wsgi.py gunicorn.conf.py ./
COPY migrations migrations
COPY murph murph
COPY --from=player /player/node_modules/hls.js/dist/hls.light.min.mjs murph/web/vendor/
ENV PATH=/opt/murph/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MURPH_ENV=production \
    LOG_FORMAT=json \
    HOST=0.0.0.0 \
    INSTANCE_PATH=/data
# Compiled here, as what runs may write nothing but /data.
RUN python -m compileall -q .
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz\", timeout=2)"]
CMD ["gunicorn"]
