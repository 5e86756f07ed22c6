"""The least that Flask can do: one view that answers with a document of its own.

It is served by the same gunicorn, with the same worker, as what it is compared with.
"""

from typing import Any

from flask import Flask

app = Flask(__name__)


@app.route("/bare", methods=["GET", "POST"])
def bare() -> dict[str, Any]:
    """Answer with what a search without a result answers."""
    return {"items": []}
