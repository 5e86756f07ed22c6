/** What was earned, by day, week, month or course, as a picture or a list, and as a table to keep. */
import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { minor, money, number } from "../../core/format.js";
import { bars } from "../chart.js";
import { tableButton } from "../save-button.js";
import { loaded, state } from "../states.js";

const WAYS = [
  ["day", "By day", 28],
  ["week", "By week", 26 * 7],
  ["month", "By month", 365],
  ["course", "By course", 365],
];
const DAY_MS = 86_400_000;

/** @returns {HTMLElement} */
export function earnings() {
  const place = h("div", { class: "stack" });
  const choose = h(
    "select",
    { "aria-label": "Put together" },
    WAYS.map(([value, words]) => h("option", { value }, words)),
  );
  const show = () =>
    loaded(place, async () => drawn(await get("/teacher/earnings", { ...period(choose.value), by: choose.value })));
  choose.addEventListener("change", show);
  show();
  const table = tableButton("/teacher/earnings.csv", "murph-earnings.csv", () => period(choose.value));
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "earnings" },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: "earnings" }, "Net earnings"),
      h("div", { class: "row" }, h("div", {}, choose), table),
    ),
    place,
  );
}

/** Days are those of UTC; today is the last one. */
function period(by) {
  const [, , days] = WAYS.find(([value]) => value === by);
  return { from: new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10) };
}

function drawn(told) {
  if (!told.items.some(({ figures }) => figures.sessions || minor(figures.net)))
    return state("coin", "Nothing earned in this time", "Choose a longer one, or publish a course.");
  return told.by === "course"
    ? h(
        "ul",
        { class: "list" },
        told.items.map((line) => ofCourse(line, told)),
      )
    : chart(told);
}

function chart(told) {
  const places = (told.total.net.split(".")[1] ?? "").length;
  const points = told.items.map(({ starts_on: day, figures }) => ({
    label: named(day, told.by),
    value: minor(figures.net),
    text: money(figures.net, told.currency),
  }));
  return bars({
    caption: `Net earnings by ${told.by}`,
    heads: [told.by === "day" ? "Day" : `The ${told.by} of`, "Net"],
    points,
    scale: (value) => number(value / 10 ** places, value % 10 ** places ? places : 0),
  });
}

function ofCourse({ course_title: title, figures }, { currency }) {
  return h(
    "li",
    {},
    h("span", {}, title ?? "Of no course"),
    h("b", { class: "figure" }, money(figures.net, currency)),
    h(
      "span",
      { class: "muted small" },
      `${number(figures.sessions)} paid sessions, ${number(Math.floor(figures.paid_seconds / 60))} minutes`,
    ),
  );
}

function named(day, by) {
  const form = by === "month" ? { month: "short", year: "2-digit" } : { month: "short", day: "numeric" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en", { ...form, timeZone: "UTC" });
}
