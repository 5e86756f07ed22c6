/** Charts drawn here: bars by day and a curve, each with its figures as a table for who does not see it. */
import { fill, h, svg } from "../core/dom.js";

const FIRST_WIDTH = 720;
const LABEL_WIDTH = 80;
const HEIGHT = 220;
const EDGE = { left: 52, right: 8, top: 12, bottom: 26 };
const LINES = 5; // at most, above the lowest one

/**
 * @typedef {object} Series
 * @property {string} caption what the chart shows
 * @property {string[]} heads of the table: of the labels, and of the values
 * @property {{label: string, value: number | null, text: string}[]} points in order
 * @property {(value: number) => string} scale writes a value of the axis
 * @property {{at: number, words: string}[]} [marks] at these points, counted from 0
 */

/** @param {Series} series @returns {HTMLElement} one bar for each point */
export function bars(series) {
  return figure(series, (space) => {
    const { step, x, y } = space;
    const shapes = series.points.map(({ value, label, text }, index) =>
      svg(
        "rect",
        {
          class: "bar",
          x: x(index) + step * 0.15,
          y: y(value ?? 0),
          width: step * 0.7,
          height: y(0) - y(value ?? 0),
          rx: Math.min(3, step * 0.2),
        },
        svg("title", {}, `${label}: ${text}`),
      ),
    );
    return [grid(series, space), shapes, labels(series, space)];
  });
}

/** @param {Series} series @returns {HTMLElement} a curve; where nothing is known it breaks off */
export function curve(series) {
  return figure(series, (space) => {
    const { y, middle } = space;
    const runs = known(series.points).flatMap((run) => {
      const line = run.map(([index, value]) => `${middle(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      const [first, last] = [middle(run[0][0]), middle(run[run.length - 1][0])];
      return [
        svg("polygon", { class: "area", points: `${first},${y(0)} ${line} ${last},${y(0)}` }),
        svg("polyline", { class: "line", points: line }),
      ];
    });
    return [grid(series, space), runs, marks(series, space), labels(series, space)];
  });
}

/** Where points and values stand in a chart of this width, in pixels. */
function measures({ points }, width) {
  const highest = Math.max(1, ...points.map(({ value }) => value ?? 0));
  const between = roundStep(highest / LINES);
  const most = between * Math.ceil(highest / between);
  const step = (width - EDGE.left - EDGE.right) / Math.max(1, points.length);
  const high = HEIGHT - EDGE.top - EDGE.bottom;
  const x = (index) => EDGE.left + step * index;
  return {
    width,
    most,
    between,
    step,
    x,
    y: (value) => EDGE.top + high - (high * Math.max(0, value)) / most,
    middle: (index) => x(index) + step / 2,
  };
}

/** The next larger step that is easy to read: 1, 2 or 5 with zeros. */
function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return Math.max(1, [1, 2, 5, 10].find((each) => each * power >= step) * power);
}

function grid({ scale }, { most, between, width, y }) {
  return Array.from({ length: most / between + 1 }, (_, index) => between * index).map((value) => [
    svg("line", { class: "axis", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
    svg("text", { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, scale(value)),
  ]);
}

function labels({ points }, { width, middle }) {
  const every = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor(width / LABEL_WIDTH))));
  return points.map(({ label }, index) =>
    index % every ? null : svg("text", { x: middle(index), y: HEIGHT - 6, "text-anchor": "middle" }, label),
  );
}

function marks({ marks: found = [] }, { width, middle, y }) {
  return found.map(({ at, words }) => {
    const isRight = middle(at) > width * 0.6;
    const place = { x: middle(at) + (isRight ? -6 : 6), y: EDGE.top + 12, "text-anchor": isRight ? "end" : "start" };
    return [
      svg("line", { class: "marker", x1: middle(at), x2: middle(at), y1: EDGE.top, y2: y(0) }),
      svg("text", { class: "marker-word", ...place }, words),
    ];
  });
}

function known(points) {
  const runs = [[]];
  points.forEach(({ value }, index) => (value === null ? runs.push([]) : runs[runs.length - 1].push([index, value])));
  return runs.filter((run) => run.length);
}

function figure(series, draw) {
  const { caption, heads, points } = series;
  const picture = svg("svg", { class: "chart", role: "img", "aria-label": caption });
  const drawAt = (width) => {
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    fill(picture, draw(measures(series, width)));
  };
  drawAt(FIRST_WIDTH);
  const frame = h("div", {}, picture);
  // Drawn anew at each width, so that words keep their size on phones and on wide screens.
  new ResizeObserver(([{ contentRect }]) => contentRect.width && drawAt(Math.round(contentRect.width))).observe(frame);
  const head = h(
    "tr",
    {},
    heads.map((words, index) => h("th", { scope: "col", class: index ? "number" : null }, words)),
  );
  const rows = points.map(({ label, text }) => h("tr", {}, h("td", {}, label), h("td", { class: "number" }, text)));
  const table = h(
    "table",
    { class: "table small" },
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", {}, head),
    h("tbody", {}, rows),
  );
  return h(
    "figure",
    {},
    frame,
    h(
      "details",
      { class: "chart-data" },
      h("summary", {}, "The figures"),
      h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": `${caption}, as a table` }, table),
    ),
  );
}
