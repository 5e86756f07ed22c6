"""``flask discovery reindex``: make every search document anew."""

from rich.progress import Progress
from sqlalchemy import select

from murph.core.cli import json_option, print_json, print_record
from murph.core.db import db, release_connection
from murph.course.models import Course
from murph.discovery.cli.group import discovery
from murph.discovery.models import SearchDocument
from murph.discovery.service import indexing
from murph.gateways.storage import storage

BATCH = 200


@discovery.command()
@json_option
def reindex(as_json: bool) -> None:
    """Make the search document of every course anew, and drop those of courses that are gone.

    Courses are followed as they change, so this is for a database that was restored in part, and for when a
    new version of Murph says so. It may be stopped and begun again at any time.

    \b
    Example:
      flask discovery reindex
    """
    course_ids = sorted(
        {*db.session.scalars(select(Course.id)), *db.session.scalars(select(SearchDocument.course_id))}
    )
    release_connection()
    done = 0
    with Progress(transient=True, disable=as_json) as progress:
        task = progress.add_task("Indexing", total=len(course_ids))
        for first in range(0, len(course_ids), BATCH):
            indexing.note_all(course_ids=course_ids[first : first + BATCH])
            done += indexing.index_due(storage=storage())
            progress.update(task, completed=done)
    document = {"indexed": done}
    if as_json:
        print_json(document)
    else:
        print_record(document)
