"""The application object that gunicorn and the ``flask`` command load."""

import gc

# A quarter of every start went by with looking for garbage among what is only just being made. Frozen,
# it is not looked through again either, and stays shared with the workers that are forked.
gc.disable()

from config import load  # noqa: E402
from murph.app import create_app  # noqa: E402
from murph.core import metrics  # noqa: E402

settings = load()
metrics.keep_in(settings.INSTANCE_PATH / metrics.FOLDER)
app = create_app(settings.flask_config())
gc.freeze()
gc.enable()
