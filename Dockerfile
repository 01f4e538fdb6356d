# One image for every process: docker compose gives each its command.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY core core
COPY collectors collectors
COPY strategies strategies
COPY execution execution
COPY feedback feedback
COPY storage storage
COPY reports reports
COPY api api
COPY service service
COPY migrations migrations
RUN python -m venv /opt/tradeloop && /opt/tradeloop/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home tradeloop && install -d -o tradeloop -g tradeloop /home/tradeloop/home
COPY --from=build /opt/tradeloop /opt/tradeloop
USER tradeloop
ENV PATH=/opt/tradeloop/bin:$PATH TRADELOOP_HOME=/home/tradeloop/home PYTHONUNBUFFERED=1
WORKDIR /home/tradeloop
VOLUME /home/tradeloop/home
EXPOSE 8000
CMD ["tradeloop", "--help"]
