/** How a course is watched: where learners stay and leave, and how far they come. */
import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { clock, number } from "../../core/format.js";
import { curve } from "../chart.js";
import { loaded } from "../states.js";

const STAGES = {
  opened: "Opened",
  previewed_only: "Free visit only",
  paid: "Paid",
  watched_25: "Watched 25 %",
  watched_50: "Watched 50 %",
  watched_75: "Watched 75 %",
  watched_100: "Watched all",
  came_back: "Came back",
  reviewed: "Reviewed",
};
const HIDDEN = "fewer than 5";

/** @param {any} course @param {any[]} videos @returns {HTMLElement} the curve of one video, with a choice */
export function retention(course, videos) {
  const place = h("div", { class: "stack" });
  const show = (id) =>
    loaded(place, async () => drawn(await get(`/teacher/courses/${course.id}/videos/${id}/retention`)));
  const choose = h(
    "select",
    { "aria-label": "Video", on: { change: () => show(choose.value) } },
    videos.map(({ id, title }) => h("option", { value: id }, title)),
  );
  show(videos[0].id);
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "retention" },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: "retention" }, "Where learners stay"),
      videos.length > 1 ? h("div", {}, choose) : null,
    ),
    place,
  );
}

function drawn(told) {
  const known = told.bins.filter(({ viewers }) => viewers !== null);
  if (known.length < 2)
    return h(
      "p",
      { class: "muted" },
      "Too few learners have watched it for a curve that tells nobody apart: five are needed.",
    );
  const points = told.bins.map(({ start_ms: start, viewers }) => ({
    label: clock(start / 1000),
    value: viewers,
    text: viewers === null ? HIDDEN : number(viewers),
  }));
  const drop = told.steepest_drop;
  const marks = drop
    ? [
        {
          at: told.bins.findIndex(({ end_ms: end }) => end > drop.at_ms),
          words: `most leave at ${clock(drop.at_ms / 1000)}`,
        },
      ]
    : [];
  return curve({
    caption: `Viewers of ${told.title} by moment`,
    heads: ["Moment", "Viewers"],
    points,
    scale: (value) => number(value),
    marks,
  });
}

/** @param {any} course @returns {HTMLElement} how many came how far */
export function funnel(course) {
  const place = h("div", {});
  loaded(place, async () => {
    const { stages } = await get(`/teacher/courses/${course.id}/funnel`);
    const most = Math.max(1, ...stages.map(({ learners }) => learners ?? 0));
    return h(
      "ul",
      { class: "funnel" },
      stages.map((stage) => line(stage, most)),
    );
  });
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "funnel" },
    h("h2", { id: "funnel" }, "How far they come"),
    place,
  );
}

function line({ name, learners }, most) {
  const bar = h("span", { class: "progress" }, h("span", { vars: { "--part": `${(100 * (learners ?? 0)) / most}%` } }));
  return h(
    "li",
    {},
    h("span", {}, STAGES[name] ?? name),
    bar,
    h("span", { class: "right figure" }, learners === null ? "< 5" : number(learners)),
  );
}
