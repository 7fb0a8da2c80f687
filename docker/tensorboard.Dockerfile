# TensorBoard over the learning curves of all experiments.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/tensorboard.lock requirements/
RUN python -m venv --without-pip /opt/tensorboard \
    && pip --python /opt/tensorboard/bin/python install --require-hashes --no-deps -r requirements/tensorboard.lock
COPY docker/prune.sh docker/
RUN sh docker/prune.sh /opt/tensorboard

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
RUN groupadd --gid 10001 progon \
    && useradd --uid 10001 --gid progon --home-dir /artifacts --no-create-home --shell /usr/sbin/nologin progon \
    && install --directory --owner progon --group progon --mode 0750 /artifacts
COPY --from=build /opt/tensorboard /opt/tensorboard
ENV PATH=/opt/tensorboard/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /artifacts
USER 10001:10001
EXPOSE 6006
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:6006/data/environment', timeout=4)"]
CMD ["tensorboard", "--logdir", "/artifacts/experiments", "--host", "0.0.0.0", "--port", "6006", "--reload_interval", "30"]
