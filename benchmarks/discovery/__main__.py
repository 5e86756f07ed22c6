"""The ranking beside other engines: how good, how fast, how large, and what the way of asking costs."""

import argparse
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from statistics import fmean

from benchmarks.discovery.engines import available
from benchmarks.discovery.served import served
from benchmarks.discovery.size import sizes
from benchmarks.report import table
from murph.discovery.evaluation import catalogues, measures
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.evaluation.measuring import Figures, chat_with, measure, scratch_index, search_in
from tests.support.processes import ROOT

PHRASINGS = ROOT / "tests" / "discovery" / "phrasings.toml"
PARTS = ("engines", "size", "phrasings", "served")
MANY = 100_000


def main() -> None:
    """Measure, print, and store what was found."""
    parser = argparse.ArgumentParser("python -m benchmarks.discovery", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--documents", type=int, default=MANY, help="synthetic copies for size and speed")
    parser.add_argument("--turns", type=int, default=100, help="requests of each kind over HTTP")
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench" / "discovery.md")
    options = parser.parse_args()
    sections = []
    if "engines" in options.only:
        sections += [_engines(chosen) for chosen in DEVELOPMENT]
    if "size" in options.only:
        sections.append(sizes(options.documents))
    if "phrasings" in options.only:
        sections.append(_phrasings())
    if "served" in options.only:
        sections.append(served(DEVELOPMENT[-1], turns=options.turns))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n\n".join(sections) + "\n")
    print("\n\n".join(sections), f"Stored in {options.out}", sep="\n\n")


def _engines(chosen: QuestionSet) -> str:
    documents, queries = catalogues.documents(chosen.catalogues), catalogues.queries(chosen.queries)
    rows = []
    for name, engine in available().items():
        with ExitStack() as until_done:
            search = engine(documents, until_done)
            measure(search, queries, documents=len(documents))  # the first round warms caches
            rows.append((name, *_cells(measure(search, queries, documents=len(documents)))))
            print(chosen.name, *rows[-1], file=sys.stderr)
    head = (f"{chosen.name}, {len(documents)} courses", "recall@10", "nDCG@10", "MRR@10", "p50 ms", "p99 ms")
    return table(head, rows)


def _cells(figures: Figures) -> list[str]:
    quality = (figures.recall_at_10, figures.ndcg_at_10, figures.mrr_at_10)
    return [*(f"{value:.3f}" for value in quality), f"{figures.p50_ms:.2f}", f"{figures.p99_ms:.2f}"]


def _phrasings() -> str:
    """Measure what each style of asking costs against the bare topic, all queries."""
    styles = tomllib.loads(PHRASINGS.read_text(encoding="utf-8"))
    rows: dict[tuple[str, str], list[str]] = {}
    for chosen in DEVELOPMENT:
        index = scratch_index(catalogues.documents(chosen.catalogues))
        queries, chat = catalogues.queries(chosen.queries), chat_with(index)
        bare = measure(search_in(index), queries, documents=len(index)).ndcg_at_10
        losses: dict[str, list[float]] = {"built": [], "seen": []}
        for style, halves in styles.items():
            for half, phrasings in halves.items():
                found = [
                    fmean(
                        measures.ndcg(chat(phrasing["say"].replace("{}", query.text)), query.relevant)
                        for query in queries
                    )
                    for phrasing in phrasings
                ]
                losses[half] += found
                rows.setdefault((style, half), [style, half]).append(f"{1 - fmean(found) / bare:.1%}")
        for half, found in losses.items():
            rows.setdefault(("all", half), ["all", half]).append(f"{1 - fmean(found) / bare:.1%}")
    head = ("style", "half", *(f"loss, {chosen.name}" for chosen in DEVELOPMENT))
    return table(head, list(rows.values()))


if __name__ == "__main__":
    main()
