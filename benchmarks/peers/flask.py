"""Flask around the model, for gunicorn: ``gunicorn "benchmarks.peers.flask:create_app()"``."""

from typing import Any

from flask import Flask, request

from benchmarks.peers.naive import Naive


def create_app() -> Any:  # noqa: ANN401  # Flask is not installed where types are checked
    """Return the application."""
    app, model = Flask("naive"), Naive.told()

    @app.get("/recommend")
    def recommend() -> dict[str, Any]:
        asked = request.args
        return model.recommend(
            asked["customer_id"], int(asked.get("limit", 20)), asked.get("category")
        )

    return app
