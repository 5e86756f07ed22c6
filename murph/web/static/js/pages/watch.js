/** Watching a course: money is set aside, the meter counts, and the rest comes back. */
import { get, post } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { money } from "../core/format.js";
import { idInAddress, page, titled } from "../core/page.js";
import { lessons } from "../parts/player/lessons.js";
import { starting } from "../parts/player/start.js";
import { Viewing } from "../parts/player/viewing.js";
import { poster } from "../parts/poster.js";
import { state } from "../parts/states.js";

page(
  async (view) => {
    const course = await get(`/courses/${idInAddress()}`);
    titled(course.title);
    const live = await liveSession(course);
    if (!course.videos.length)
      return fill(
        view,
        head(course),
        state("film", "Nothing to watch yet", "This course has no video that can be played."),
      );
    if (live && live.course_id !== course.id) return fill(view, head(course), elsewhere(live));
    return live ? watch(view, course, live, false) : ask(view, course);
  },
  { needs: "student" },
);

/** What runs, or was set aside for this course elsewhere without starting the clock, which is done here then. */
async function liveSession(course) {
  for (const status of ["active", "locked"]) {
    const [found] = (await get("/sessions", { status, limit: 1 })).items;
    if (!found) continue;
    const isWaiting = status === "locked" && found.course_id === course.id;
    return isWaiting ? post(`/sessions/${found.id}/start`, undefined, { key: `start-${found.id}` }) : found;
  }
  return null;
}

async function ask(view, course) {
  const stage = h("div", { class: "stage" }, poster(course));
  const question = await starting(course, (session) => watch(view, course, session, true));
  fill(view, head(course), columns(stage, question, contents(course)));
}

async function watch(view, course, session, byHand) {
  const said = h("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  const viewing = new Viewing(course, session, (words) => (said.textContent = words));
  const go = (videoId, seconds) => viewing.go(videoId, seconds);
  fill(view, head(course), said, columns(viewing.frame, viewing.side, lessons(course, go)));
  said.textContent = `The meter is on: ${money(session.locked_amount, session.currency)} are set aside.`;
  if (byHand) viewing.stage.focus({ preventScroll: true }); // the button that was pressed is gone
  await viewing.begin(byHand);
}

function columns(stage, side, below) {
  return h(
    "div",
    { class: "columns columns-player" },
    h("div", { class: "stack" }, stage),
    h("aside", { class: "side", "aria-label": "Money" }, side),
    below,
  );
}

function contents(course) {
  return lessons(course, () => document.querySelector("aside form button")?.focus());
}

function head(course) {
  return h(
    "div",
    { class: "page-head" },
    h("h1", {}, course.title),
    h(
      "p",
      { class: "muted" },
      `by ${course.teacher_name}`,
      " · ",
      h("a", { href: `/courses/${course.id}` }, "About this course"),
    ),
  );
}

function elsewhere(live) {
  return state(
    "film",
    "Another course is running",
    `You are watching “${live.course_title}”. One course at a time: go on there, and stop it when you are done.`,
    h("a", { class: "button", href: `/watch/${live.course_id}` }, icon("play"), "Go on there"),
  );
}
