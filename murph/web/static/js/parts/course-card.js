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
  return h(
    "li",
    { class: "card course" },
    poster(course),
    h(
      "div",
      { class: "course-body" },
      h("h3", {}, h("a", { href: `/courses/${course.id}` }, course.title)),
      h("p", { class: "muted small" }, course.teacher_name),
      h("p", { class: "course-about" }, course.description),
      h(
        "div",
        { class: "course-foot" },
        h("span", { class: "price" }, money(course.price_per_minute, course.currency), " ", h("small", {}, "a minute")),
        rating(course.rating, course.rating_count),
      ),
      h(
        "p",
        { class: "muted small" },
        `${duration(course.total_duration_seconds)} in all, ${money(course.price_to_finish, course.currency)} to finish`,
      ),
    ),
  );
}

/**
 * Return a course that was found as a card: with the reason, and the moment of a lecture that fits best.
 * @param {any} found as discovery suggests it
 * @returns {HTMLElement}
 */
export function suggestionCard(found) {
  const course = { ...found, id: found.course_id, category_name: found.category };
  return h(
    "li",
    { class: "card course" },
    poster(course),
    h(
      "div",
      { class: "course-body" },
      h("h3", {}, h("a", { href: `/courses/${course.id}` }, course.title)),
      h("p", { class: "muted small" }, course.teacher_name),
      h("p", { class: "course-about" }, course.reason),
      h(
        "div",
        { class: "course-foot" },
        h("span", { class: "price" }, money(course.price_per_minute, course.currency), " ", h("small", {}, "a minute")),
        rating(course.rating, course.rating === null ? 0 : 1, false),
      ),
      h(
        "p",
        { class: "muted small" },
        `${duration(course.duration_seconds)} in all, ${money(course.price_to_finish, course.currency)} to finish`,
      ),
    ),
  );
}
