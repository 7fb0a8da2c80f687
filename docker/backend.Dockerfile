# The API: what answers requests, without what trains.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.lock requirements/serve.lock requirements/
# The environment gets no pip; the wheels of the locks are checked by their hashes.
RUN python -m venv --without-pip /opt/progon \
    && pip install --require-hashes --no-deps --root-user-action=ignore -r requirements/build.lock \
    && pip --python /opt/progon/bin/python install --require-hashes --no-deps -r requirements/serve.lock
# Videos cost 104 MB, and their FFmpeg is under the GPL: WITH_VIDEO=0 leaves them out (docs/videos.md).
ARG WITH_VIDEO=1
RUN if [ "$WITH_VIDEO" != 1 ]; then pip --python /opt/progon/bin/python uninstall --yes av; fi
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
RUN /opt/progon/bin/python -c "import entrypoints.commands.serve, entrypoints.http.worker, entrypoints.grpc.server, adapters.pyarrow.csv_codec, \
adapters.obstore.artifact_store, adapters.pillow.picture_codec, adapters.authlib.identity_provider, adapters.authlib.seal, psycopg"

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
RUN groupadd --gid 10001 progon \
    && useradd --uid 10001 --gid progon --home-dir /var/lib/progon --no-create-home --shell /usr/sbin/nologin progon \
    && install --directory --owner progon --group progon --mode 0750 \
        /var/lib/progon /var/lib/progon/workspaces /artifacts
COPY --from=build /opt/progon /opt/progon
ARG COMMIT_HASH=""
ENV PATH=/opt/progon/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PROGON_HOME=/var/lib/progon \
    PROGON_ARTIFACTS_URL=/artifacts \
    PROGON_HOST=0.0.0.0 \
    PROGON_PORT=8000 \
    PROGON_COMMIT_HASH=$COMMIT_HASH
WORKDIR /var/lib/progon
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, ssl; from urllib.request import urlopen; \
sealed = 's' if os.environ.get('PROGON_TLS_CERT') else ''; \
urlopen(f'http{sealed}://127.0.0.1:8000/healthz', timeout=4, context=ssl._create_unverified_context() if sealed else None)"]
CMD ["progon", "serve"]
