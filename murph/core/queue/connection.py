"""The application's connection to Redis or Valkey."""

import redis
from flask import Flask, current_app
from rq import Queue
from rq.serializers import JSONSerializer


def connection() -> redis.Redis:
    """Return the application's connection to Redis or Valkey."""
    client: redis.Redis = current_app.extensions["murph_redis"]
    return client


def is_reachable() -> bool:
    """Tell whether the queue answers."""
    try:
        return bool(connection().ping())
    except (redis.RedisError, OSError):
        return False


def init_app(app: Flask) -> None:
    """Give the application its connection; nothing is opened before the first use."""
    app.extensions["murph_redis"] = redis.Redis.from_url(
        app.config["REDIS_URL"], socket_timeout=1, socket_connect_timeout=1
    )


def open_queue(name: str) -> Queue:
    """Return one of the queues, whose jobs are JSON."""
    return Queue(name, connection=connection(), serializer=JSONSerializer)
