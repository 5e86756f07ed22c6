/** What a teacher earned and who watched, over a period and the one before it. */
import { get } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { counted, money, number } from "../../core/format.js";
import { loaded } from "../states.js";
import { tile } from "../sums.js";

const PERIODS = [
  [7, "7 days"],
  [28, "28 days"],
  [90, "90 days"],
];

/** @returns {HTMLElement} the cards, with a choice of the period */
export function dashboard() {
  const place = h("div", { class: "stack stack-wide" });
  const show = (period) => loaded(place, async () => cards(await get("/teacher/dashboard", { period })));
  const choose = h(
    "select",
    { "aria-label": "Period", on: { change: () => show(choose.value) } },
    PERIODS.map(([value, words]) => h("option", { value, selected: value === 28 }, `Last ${words}`)),
  );
  show(28);
  return h(
    "section",
    { class: "stack", "aria-labelledby": "figures" },
    h("div", { class: "row row-apart" }, h("h2", { id: "figures" }, "At a glance"), h("div", {}, choose)),
    place,
  );
}

function cards(told) {
  const amount = (value) => money(value, told.currency);
  return h(
    "div",
    { class: "tiles" },
    tile("Net earnings", amount(told.net_earnings.current), change(told.net_earnings), "tile-lead"),
    tile("Paid minutes", number(told.paid_minutes.current), change(told.paid_minutes)),
    tile("Learners", number(told.learners.current), change(told.learners)),
    tile(
      "Rating",
      number(told.rating, 1),
      told.rating_count
        ? `${counted(told.rating_count, "review")}, unweighed ${number(told.rating_raw, 1)}`
        : "no reviews yet",
    ),
    tile("Bonuses", amount(told.bonuses.current), change(told.bonuses)),
    tile("Given back", amount(told.refunds.current), change(told.refunds)),
  );
}

function change({ change_pct: pct, previous }) {
  if (pct === null) return previous === 0 || /^0[.0]*$/.test(String(previous)) ? "nothing in the period before" : null;
  const way = pct > 0 ? "change-up" : pct < 0 ? "change-down" : null;
  return h("span", { class: way }, `${number(Math.abs(pct))} % ${pct < 0 ? "less" : "more"} than before`);
}
