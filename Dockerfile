# laion-assets in a container, installed from its wheel:
#
#   docker build -t laion-assets .
#   docker run --rm -v "$PWD/build:/build" -v "$PWD/parquet:/source:ro" laion-assets build --source /source
#   docker run --rm -v "$PWD/build/site:/usr/share/nginx/html:ro" -p 8000:80 nginx
FROM python:3.13-slim AS wheel
COPY . /checkout
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheel /checkout

FROM python:3.13-slim
COPY --from=wheel /wheel /wheel
COPY requirements.lock /wheel/requirements.lock
# The versions that were tested, with their hashes; then the program itself, which needs no more.
RUN pip install --no-cache-dir --require-hashes -r /wheel/requirements.lock \
 && pip install --no-cache-dir --no-deps /wheel/*.whl && rm -r /wheel
RUN useradd --create-home laion && mkdir /build && chown laion /build
USER laion
VOLUME /build
WORKDIR /
ENTRYPOINT ["laion-assets"]
CMD ["--help"]
