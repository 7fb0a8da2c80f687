# What trains: carries out the queue of the service, and runs the pipeline by hand (`dvc repro`).
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.lock requirements/run.lock requirements/
# The environment gets no pip; the wheels of the locks are checked by their hashes. What has no wheel is built with the
# locked setuptools, which is therefore there first.
RUN python -m venv --without-pip /opt/progon \
    && pip --python /opt/progon/bin/python install --require-hashes --no-deps -r requirements/build.lock \
    && pip --python /opt/progon/bin/python install --require-hashes --no-deps --no-build-isolation \
        -r requirements/run.lock
# What trains sees pictures alone, frames of videos among them; so FFmpeg, under the GPL, stays out.
RUN pip --python /opt/progon/bin/python uninstall --yes av
COPY docker/prune.sh docker/
RUN sh docker/prune.sh /opt/progon
# Not a wheel: the pipeline's definition and its code lie side by side, as DVC wants them.
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY entrypoints entrypoints
COPY pipelines pipelines
COPY progon progon
RUN pip --python /opt/progon/bin/python install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q domain application adapters entrypoints pipelines progon
# Nothing that was taken away is missed.
RUN /opt/progon/bin/python -c "import entrypoints.commands.worker, entrypoints.wiring.container, adapters.catboost.trainer, \
adapters.catboost.pixels.trainer, adapters.dask.local_cluster, adapters.matplotlib.plot_writer, dvc.cli"
COPY dvc.yaml params.yaml .dvcignore ./
COPY .dvc/config .dvc/config
# There is no git here, and what was computed once is kept with the rest of the state.
RUN printf '[core]\n    no_scm = true\n[cache]\n    dir = /var/lib/progon/dvc-cache\n' > .dvc/config.local

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
RUN groupadd --gid 10001 progon \
    && useradd --uid 10001 --gid progon --home-dir /var/lib/progon --no-create-home --shell /usr/sbin/nologin progon \
    && install --directory --owner progon --group progon --mode 0750 \
        /var/lib/progon /var/lib/progon/workspaces /artifacts
COPY --from=build /opt/progon /opt/progon
COPY --from=build /app /app
# `dvc repro` writes beside dvc.yaml; the code below stays root's.
RUN chown progon:progon /app /app/.dvc
ARG COMMIT_HASH=""
ENV PATH=/opt/progon/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PROGON_HOME=/var/lib/progon \
    PROGON_ARTIFACTS_URL=/artifacts \
    PROGON_COMMIT_HASH=$COMMIT_HASH
WORKDIR /app
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=600s --retries=3 \
    CMD ["python", "-c", "import os, sys; from pathlib import Path; from entrypoints.processes.engine_address import find; sys.exit(not find(Path(os.environ['PROGON_HOME'])))"]
CMD ["progon", "worker"]
