# One image for the whole stack: coordinator, Ray head and workers, schema, dashboard.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/ requirements/
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/build.txt \
 && python -m venv --without-pip /opt/proctor \
 && /opt/build/bin/pip --python /opt/proctor/bin/python install --no-cache-dir --require-hashes --no-deps \
      -r requirements/stack.txt
COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
 && /opt/build/bin/pip --python /opt/proctor/bin/python install --no-deps dist/*.whl

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --create-home proctor \
 && install --directory --owner=proctor --group=proctor /studies
COPY --from=build /opt/proctor /opt/proctor
ENV PATH=/opt/proctor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RAY_USAGE_STATS_ENABLED=0
# Ray puts the working directory first on its workers' module path: a directory with nothing to import.
WORKDIR /studies
USER 10001:10001
ENTRYPOINT ["proctor"]
