/** What was watched of a video, on a line from its beginning to its end. */
import { h, svg } from "../core/dom.js";
import { clock, counted, duration } from "../core/format.js";

const WIDTH = 1000;
const HEIGHT = 40;
const GAP_MS = 500; // between two reports a player may lose as much of its place

/**
 * Return a video's watched stretches as a picture, and as words for who does not see it.
 * @param {string} title
 * @param {number} seconds the video's length
 * @param {{intervals: {start_ms: number, end_ms: number}[], watched_seconds: number, repeated_seconds: number}} seen
 * @returns {HTMLElement}
 */
export function timeline(title, seconds, seen) {
  const stretches = joined(seen.intervals);
  const lengthMs = Math.max(1, seconds * 1000, ...stretches.map(({ end_ms: end }) => end));
  const bars = stretches.map(({ start_ms: start, end_ms: end }) =>
    svg("rect", {
      class: "seen",
      x: (WIDTH * start) / lengthMs,
      y: 0,
      width: Math.max(2, (WIDTH * (end - start)) / lengthMs),
      height: HEIGHT,
    }),
  );
  const words = stretches
    .map(({ start_ms: start, end_ms: end }) => `${clock(start / 1000)} to ${clock(end / 1000)}`)
    .join(", ");
  const again = seen.repeated_seconds ? `, ${duration(seen.repeated_seconds)} of it more than once` : "";
  return h(
    "figure",
    { class: "stack" },
    h(
      "figcaption",
      { class: "row row-apart" },
      h("b", {}, title),
      h("span", { class: "muted small" }, `${duration(seen.watched_seconds)} of ${duration(lengthMs / 1000)}${again}`),
    ),
    h(
      "div",
      {},
      h(
        "div",
        { class: "timeline", role: "img", "aria-label": `Watched: ${words || "nothing"}` },
        svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, bars),
      ),
      h(
        "div",
        { class: "scale", "aria-hidden": "true" },
        h("span", {}, "0:00"),
        h("span", {}, clock(lengthMs / 2000)),
        h("span", {}, clock(lengthMs / 1000)),
      ),
    ),
    h(
      "details",
      { class: "chart-data" },
      h("summary", {}, counted(stretches.length, "stretch", "es")),
      h("p", { class: "figure small" }, words),
    ),
  );
}

function joined(intervals) {
  const found = [];
  for (const each of intervals) {
    const before = found[found.length - 1];
    if (before && each.start_ms - before.end_ms <= GAP_MS) before.end_ms = Math.max(before.end_ms, each.end_ms);
    else found.push({ ...each });
  }
  return found;
}
