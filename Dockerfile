# One image for api, worker and migrate; docker-compose.yml says which command each runs.
# PostgreSQL and Temporal are servers of their own there; the embedded ones stay unused.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/batchwright

# Papers with Chinese on them need a font of the machine; without one a PDF is refused.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*

# The lock file alone decides what is installed, and changes less often than the code.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN pip install --no-deps --no-build-isolation -e . \
 && python -m compileall -q . \
 && useradd --system --create-home --home-dir /var/lib/batchwright batchwright

USER batchwright
ENV BATCHWRIGHT_HOME=/var/lib/batchwright BATCHWRIGHT_HOST=0.0.0.0 BATCHWRIGHT_PORT=8000 BATCHWRIGHT_BEHIND_PROXY=true
EXPOSE 8000
CMD ["batchwright", "api"]
