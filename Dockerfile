# One image for every process; the command says which: web, worker, beat or a manage.py command.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=524288 \
    BIND=0.0.0.0:8000 \
    SPOOL_FOLDER=/var/lib/ml-connector/spool \
    MAILBOX_FOLDER=/var/lib/ml-connector/mail

RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin connector \
    && install -d -o connector -g connector /var/lib/ml-connector/spool /var/lib/ml-connector/mail

WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes --no-deps -r requirements.txt

COPY manage.py ./
COPY connector_site ./connector_site
COPY accounts ./accounts
COPY audit ./audit
COPY integrations ./integrations
COPY simulators ./simulators
COPY templates ./templates
COPY static ./static

# The settings of this one command lead nowhere and are not kept in the image.
RUN MODE=production PUBLIC_ORIGIN=https://localhost \
    DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost/0 \
    MAIL_URL=smtps://localhost MAIL_FROM=nobody@localhost \
    sh -c 'export $(python -m connector_site.new_keys) && python manage.py collectstatic --no-input'

USER connector
EXPOSE 8000
CMD ["python", "-m", "connector_site.roster", "web"]
