/** One course: what it teaches, what it costs, and what others think of it. */
import { get } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { capital, clock, counted, duration, language, money, number } from "../core/format.js";
import { idInAddress, page, titled } from "../core/page.js";
import { poster } from "../parts/poster.js";
import { reviews } from "../parts/reviews.js";
import { rating } from "../parts/stars.js";

page(async (view, user) => {
  const course = await get(`/courses/${idInAddress()}`);
  titled(course.title);
  const main = h(
    "div",
    { class: "stack stack-wide" },
    poster(course),
    about(course),
    contents(course),
    reviews(course.id),
  );
  main.firstElementChild.classList.add("card");
  fill(
    view,
    head(course),
    h("div", { class: "columns" }, h("aside", { class: "side", "aria-label": "Price" }, offer(course, user)), main),
  );
});

function head(course) {
  const tags = [course.category_name, capital(course.level ?? ""), course.language && language(course.language)]
    .filter(Boolean)
    .map((words) => h("span", { class: "tag" }, words));
  const state = course.status === "published" ? null : h("span", { class: "tag tag-warn" }, course.status);
  return h(
    "div",
    { class: "page-head" },
    h("div", { class: "row" }, tags, state),
    h("h1", {}, course.title),
    h(
      "p",
      { class: "row muted" },
      h("span", {}, `by ${course.teacher_name}`),
      rating(course.rating, course.rating_count),
      h("span", {}, `${number(course.watchers_count)} watched it`),
    ),
  );
}

function about(course) {
  return h(
    "section",
    { class: "stack", "aria-labelledby": "about" },
    h("h2", { id: "about" }, "What it is about"),
    h("p", { class: "words" }, course.description),
  );
}

function contents(course) {
  const lessons = course.lectures.length ? course.lectures.map(lecture) : course.videos.map(video);
  const words = course.lectures.length
    ? counted(course.lectures.length, "lecture")
    : counted(course.videos.length, "video");
  const sum = h("span", { class: "muted" }, `${words}, ${duration(course.total_duration_seconds)}`);
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "contents" },
    h("div", { class: "card-head" }, h("h2", { id: "contents" }, "Contents"), sum),
    lessons.length
      ? h("ol", { class: "lectures" }, lessons)
      : h("p", { class: "muted" }, "Nothing has been added yet."),
  );
}

function lecture({ id, title, video_timestamp_start: start, video_timestamp_end: end }) {
  return lesson(id, title, end - start);
}

function video({ position, title, duration_seconds: seconds }) {
  return lesson(position, title, seconds);
}

function lesson(place, title, seconds) {
  return h(
    "li",
    {},
    h("span", { class: "number" }, place),
    h("span", {}, title),
    h("span", { class: "muted figure" }, clock(seconds)),
  );
}

function offer(course, user) {
  return h(
    "section",
    { class: "card card-pad offer" },
    h("p", { class: "price" }, money(course.price_per_minute, course.currency), " ", h("small", {}, "a minute")),
    h("p", { class: "muted small" }, "By the second, at any speed. Pausing and seeking are free."),
    h(
      "dl",
      { class: "sums" },
      sum("The whole course", money(course.price_to_finish, course.currency)),
      sum("Length", duration(course.total_duration_seconds)),
    ),
    wayIn(course, user),
    h(
      "p",
      { class: "row row-tight small muted" },
      icon("lock"),
      h("span", {}, "Money is only set aside while you watch."),
    ),
  );
}

function sum(words, value) {
  return h("div", {}, h("dt", {}, words), h("dd", {}, value));
}

function wayIn(course, user) {
  const big = "button button-big button-wide";
  if (user?.user_type === "teacher") {
    const isOwn = user.id === course.teacher_id;
    return isOwn
      ? h("a", { class: big, href: `/teach/courses/${course.id}` }, "Edit on the desk")
      : h("p", { class: "note" }, "Watching needs a student's account.");
  }
  if (course.status !== "published") return h("p", { class: "note" }, "This course is not offered at the moment.");
  return h("a", { class: big, href: `/watch/${course.id}` }, icon("play"), "Watch");
}
