# Two images from one file: `docker build .` makes the server, `docker build --target trainer .` the trainer.
# Both install the versions of requirements.lock, checked by hash, and of those only what they need.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /src
COPY requirements.lock pyproject.toml LICENSE ./
# What builds: uv, and hatchling with what it needs.
RUN awk '/^[a-z]/ { wanted = /^(uv|hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } wanted' \
        requirements.lock > /tmp/build.lock \
    && pip install --require-hashes -r /tmp/build.lock
RUN python -m venv --without-pip /opt/cartera \
    && uv pip install --python /opt/cartera/bin/python --require-hashes -c requirements.lock -r pyproject.toml --extra parquet
COPY app app
COPY benchmarks benchmarks
COPY models models
COPY training training
RUN python -m hatchling build -t wheel -d /tmp/wheel \
    && uv pip install --python /opt/cartera/bin/python --no-deps /tmp/wheel/*.whl

FROM build AS build-trainer
RUN uv pip install --python /opt/cartera/bin/python --require-hashes -c requirements.lock -r pyproject.toml --extra train

FROM python:${PYTHON}-slim AS base
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/cartera cartera
ENV PATH=/opt/cartera/bin:$PATH PYTHONUNBUFFERED=1 CARTERA_DATA_DIR=/var/lib/cartera/var
USER cartera
WORKDIR /var/lib/cartera
VOLUME /var/lib/cartera

FROM base AS trainer
USER root
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
USER cartera
ENV OPENBLAS_NUM_THREADS=1
COPY --from=build-trainer /opt/cartera /opt/cartera
ENTRYPOINT ["cartera"]
CMD ["--help"]

FROM base AS server
COPY --from=build /opt/cartera /opt/cartera
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
# Refuses to start until there is a key: `cartera keys create --help`, with the same CARTERA_REDIS_URL.
CMD ["cartera", "serve", "--host", "0.0.0.0"]
