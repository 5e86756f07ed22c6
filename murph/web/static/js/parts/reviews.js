/** Reviews of a course, each with why it counts as much as it does. */
import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { counted, date, number } from "../core/format.js";
import { remembered } from "../core/session.js";
import { readOn } from "./more.js";
import { reviewActions } from "./review-actions.js";
import { given } from "./stars.js";
import { loaded, state } from "./states.js";

const SORTS = [
  ["credible", "Most credible"],
  ["newest", "Newest"],
  ["rating", "Best first"],
];
const PARTS = {
  depth: "How deeply it was watched",
  consistency: "How well it fits their other ratings",
  duration: "How long they watched at a time",
  coverage: "How many of the videos they saw",
};

/**
 * Return the reviews of a course with their summary.
 * @param {string} courseId
 * @returns {HTMLElement}
 */
export function reviews(courseId) {
  const sort = h(
    "select",
    { "aria-label": "Order of the reviews" },
    SORTS.map(([value, words]) => h("option", { value }, words)),
  );
  const place = h("div", { class: "stack stack-wide" });
  const show = () => loaded(place, () => list(courseId, sort.value, show));
  sort.addEventListener("change", show);
  show();
  const head = h("div", { class: "card-head" }, h("h2", { id: "reviews" }, "Reviews"), h("div", {}, sort));
  return h("section", { class: "card card-pad", "aria-labelledby": "reviews" }, head, place);
}

async function list(courseId, sort, again) {
  let summary = null;
  const load = async (cursor) => {
    const found = await get(`/courses/${courseId}/reviews`, { sort, limit: 5, cursor });
    summary ??= found.summary;
    return found;
  };
  const shown = await readOn({ load, item: (each) => review(each, again), list: h("ul"), empty });
  return summary.count ? [overview(summary), ...shown] : shown;
}

function empty() {
  return state("chat", "No reviews yet", "Whoever has watched and paid may write the first one.");
}

function overview(summary) {
  const most = Math.max(1, ...Object.values(summary.histogram));
  const lines = [5, 4, 3, 2, 1].map((stars) => {
    const count = summary.histogram[stars];
    const bar = h("span", { class: "progress" }, h("span", { vars: { "--part": `${(100 * count) / most}%` } }));
    return h("li", {}, h("span", {}, `${stars} ★`), bar, h("span", { class: "right figure" }, number(count)));
  });
  return h(
    "div",
    { class: "columns columns-even" },
    h(
      "div",
      { class: "stack" },
      h(
        "p",
        {},
        h("span", { class: "receipt-cost" }, number(summary.rating, 1)),
        h("span", { class: "muted" }, " out of 5"),
      ),
      h(
        "p",
        { class: "muted small" },
        `${counted(summary.count, "review")}, weighed by how much their writers really watched. Unweighed it would be ${number(summary.rating_raw, 1)}.`,
      ),
      summary.note ? h("p", { class: "small" }, summary.note) : null,
    ),
    h("ul", { class: "histogram", "aria-label": "How often each rating was given" }, lines),
  );
}

function review(each, again) {
  return h(
    "li",
    { class: "review" },
    h(
      "div",
      { class: "row row-apart" },
      h(
        "span",
        { class: "row" },
        h("b", {}, each.student_name),
        given(each.rating),
        each.is_mine ? h("span", { class: "tag tag-good" }, "Yours") : null,
      ),
      h("span", { class: "muted small" }, date(each.created_at)),
    ),
    each.comment ? h("p", {}, each.comment) : null,
    h(
      "p",
      { class: "muted small" },
      `Watched ${number(each.watched_pct)} % of the course · counts ${number(each.weight, 2)}`,
    ),
    each.reply ? reply(each.reply) : null,
    why(each),
    remembered() ? reviewActions(each, again) : null,
  );
}

function reply({ text, answers_earlier_version: isEarlier }) {
  const note = isEarlier ? h("span", { class: "muted small" }, " (The review was changed since.)") : null;
  return h("p", { class: "reply" }, h("b", {}, "The teacher: "), text, note);
}

function why(each) {
  const place = h("div", { class: "stack" });
  const details = h("details", { class: "why" }, h("summary", {}, "Why does it count that much?"), place);
  details.addEventListener("toggle", () => {
    if (details.open && !place.childElementCount)
      loaded(place, async () => explanation(await get(`/reviews/${each.id}/explain`)));
  });
  return details;
}

function explanation(told) {
  const rows = told.parts.map((part) =>
    h(
      "tr",
      {},
      h("td", {}, PARTS[part.name] ?? part.name),
      h("td", { class: "number" }, number(part.value, 2)),
      h("td", { class: "number" }, `× ${number(part.share, 2)}`),
      h("td", { class: "number" }, number(part.adds, 2)),
    ),
  );
  const head = ["What was looked at", "Found", "Share", "Adds"].map((words, index) =>
    h("th", { class: index ? "number" : null, scope: "col" }, words),
  );
  return [
    h(
      "div",
      { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Why it counts that much" },
      h("table", { class: "table small" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
    ),
    h(
      "p",
      { class: "small" },
      `Credibility ${number(told.credibility, 2)}; with freshness ${number(told.weight.freshness, 2)} and how much is known about the writer ${number(told.weight.known, 2)} it weighs ${number(told.weight.value, 2)}.`,
    ),
    h(
      "p",
      { class: "small" },
      `${counted(told.inputs.watched_minutes, "minute")} watched in ${counted(told.inputs.sessions, "session")}, ${told.inputs.videos_watched} of ${counted(told.inputs.videos, "video")}. ${signsOf(told)}`,
    ),
  ];
}

/** Which signs stand in it, its author is told; everybody else only whether any take from its weight. */
function signsOf({ signals, weight }) {
  if (!weight.lowered_by_signs) return "No signs of unfair play take from it.";
  const named = (signals ?? []).map((sign) => `${sign.kind.replaceAll("_", " ")} × ${number(sign.multiplier, 2)}`);
  const left = `Signs of unfair play leave ${number(weight.multiplier, 2)} of it`;
  return named.length ? `${left}: ${named.join(", ")}.` : `${left}.`;
}
