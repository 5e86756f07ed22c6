/** A course in a list. */
import { h } from "../core/dom.js";
import { duration, money } from "../core/format.js";
import { poster } from "./poster.js";
import { rating } from "./stars.js";

/**
 * Return a course as a card.
 * @param {any} course as lists of courses give it
 * @returns {HTMLElement}
 */
export function courseCard(course) {
  return card(course, course.description, course.total_duration_seconds, rating(course.rating, course.rating_count));
}

/**
 * Return a course that was found as a card, with the reason.
 * @param {any} found as discovery suggests it
 * @returns {HTMLElement}
 */
export function suggestionCard(found) {
  const course = { ...found, id: found.course_id, category_name: found.category };
  return card(course, found.reason, found.duration_seconds, rating(found.rating, found.rating === null ? 0 : 1, false));
}

function card(course, words, seconds, stars) {
  return h(
    "li",
    { class: "card course" },
    poster(course),
    h(
      "div",
      { class: "course-body" },
      h("h3", {}, h("a", { href: `/courses/${course.id}` }, course.title)),
      h("p", { class: "muted small" }, course.teacher_name),
      h("p", { class: "course-about" }, words),
      h(
        "div",
        { class: "course-foot" },
        h("span", { class: "price" }, money(course.price_per_minute, course.currency), " ", h("small", {}, "a minute")),
        stars,
      ),
      h(
        "p",
        { class: "muted small" },
        `${duration(seconds)} in all, ${money(course.price_to_finish, course.currency)} to finish`,
      ),
    ),
  );
}
