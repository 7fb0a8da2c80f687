# The pages alone: a client of the API in a container of its own, without database drivers or model runtime.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.lock requirements/pages.lock requirements/
# The environment gets no pip; the wheels of the locks are checked by their hashes.
RUN python -m venv --without-pip /opt/progon \
    && pip install --require-hashes --no-deps --root-user-action=ignore -r requirements/build.lock \
    && pip --python /opt/progon/bin/python install --require-hashes --no-deps -r requirements/pages.lock
COPY docker/prune.sh docker/
RUN sh docker/prune.sh /opt/progon
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY entrypoints entrypoints
COPY pipelines pipelines
RUN pip wheel --quiet --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels . \
    && pip --python /opt/progon/bin/python install --no-cache-dir --no-deps wheels/*.whl
# Nothing that was taken away is missed.
WORKDIR /
RUN /opt/progon/bin/python -c "import entrypoints.commands.admin, entrypoints.admin.app, uvicorn, httpx, uvloop, httptools"

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
RUN groupadd --gid 10001 progon \
    && useradd --uid 10001 --gid progon --home-dir /spool --no-create-home --shell /usr/sbin/nologin progon \
    && install --directory --owner progon --group progon --mode 0750 /spool
COPY --from=build /opt/progon /opt/progon
# Files on their way to the API are kept in TMPDIR.
ENV PATH=/opt/progon/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/spool \
    BACKEND_URL=http://backend:8000 \
    PUBLIC_URL="" \
    GRAFANA_URL="" \
    TENSORBOARD_URL=""
WORKDIR /spool
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/ui/static/progon.css', timeout=4)"]
CMD ["sh", "-c", "exec progon admin --backend \"$BACKEND_URL\" --public-url \"$PUBLIC_URL\" --grafana-url \"$GRAFANA_URL\" --tensorboard-url \"$TENSORBOARD_URL\" --host 0.0.0.0 --port 8080"]
