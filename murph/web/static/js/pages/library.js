/** My library: what was watched, how far, and where it goes on. */
import { all } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { counted, date, duration, money, number } from "../core/format.js";
import { page } from "../core/page.js";
import { state } from "../parts/states.js";

const MOST = 200;
const LIVE = ["locked", "active"];

page(
  async (view) => {
    const sessions = [];
    for await (const session of all("/sessions")) {
      sessions.push(session);
      if (sessions.length === MOST) break; // the newest; older ones are in the wallet's history
    }
    const way = h("a", { class: "button", href: "/" }, "Find a course");
    const shelf = byCourse(sessions);
    fill(
      view,
      h("h1", {}, "My library"),
      shelf.length
        ? h("ul", { class: "stack" }, shelf.map(item))
        : state("book", "Nothing here yet", "Courses that you have watched stand here, with their receipts.", way),
    );
  },
  { needs: "student" },
);

function byCourse(sessions) {
  const courses = new Map();
  for (const session of sessions) courses.set(session.course_id, [...(courses.get(session.course_id) ?? []), session]);
  return [...courses.values()];
}

function item(sessions) {
  const [latest] = sessions;
  const seconds = sessions.reduce((sum, each) => sum + each.used_seconds, 0);
  const furthest = Math.max(...sessions.map((each) => each.completion_pct));
  const live = sessions.find((each) => LIVE.includes(each.status));
  const done = h("span", { class: "progress" }, h("span", { vars: { "--part": `${furthest}%` } }));
  return h(
    "li",
    { class: "card card-pad stack" },
    h(
      "div",
      { class: "row row-apart" },
      h(
        "div",
        {},
        h("h2", {}, h("a", { href: `/courses/${latest.course_id}` }, latest.course_title)),
        h("p", { class: "muted small" }, `by ${latest.teacher_name}`),
      ),
      h(
        "a",
        { class: live ? "button" : "button button-quiet", href: `/watch/${latest.course_id}` },
        icon("play"),
        live ? "Running: go on" : "Watch on",
      ),
    ),
    h(
      "div",
      { class: "stack" },
      done,
      h(
        "p",
        { class: "muted small" },
        `Up to ${number(furthest)} % in one session, ${duration(seconds)} in ${counted(sessions.length, "session")}`,
      ),
    ),
    receipts(sessions.filter((each) => !LIVE.includes(each.status))),
  );
}

function receipts(sessions) {
  if (!sessions.length) return null;
  const rows = sessions.map((each) =>
    h(
      "li",
      {},
      h("a", { href: `/receipts/${each.id}` }, `${date(each.started_at)}, ${duration(each.used_seconds)}`),
      h("span", { class: "figure" }, each.status === "cancelled" ? "free" : money(each.cost, each.currency)),
    ),
  );
  return h(
    "details",
    { class: "why" },
    h("summary", {}, counted(sessions.length, "receipt")),
    h("div", {}, h("ul", { class: "list" }, rows)),
  );
}
