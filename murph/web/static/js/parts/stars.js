/** Ratings. */
import { h, icon, unseen } from "../core/dom.js";
import { counted, number } from "../core/format.js";

/**
 * Return a rating as a figure with its count.
 * @param {number | null} rating
 * @param {number} count
 * @param {boolean} [isCounted] whether the count is said
 * @returns {HTMLElement}
 */
export function rating(rating, count, isCounted = true) {
  if (rating === null || !count) return h("span", { class: "muted small" }, "No reviews yet");
  return h(
    "span",
    { class: "stars" },
    icon("star"),
    number(rating, 1),
    unseen(" out of 5, "),
    isCounted
      ? h("span", { class: "muted small" }, `(${number(count)})`, unseen(counted(count, "review").replace(/^\S+/, "")))
      : null,
  );
}

/**
 * Return what one person gave.
 * @param {number} given 1 to 5
 * @returns {HTMLElement}
 */
export function given(given) {
  const five = [1, 2, 3, 4, 5].map((each) => icon("star", `icon${each <= given ? " on" : ""}`));
  return h("span", { class: "stars-row" }, five, unseen(`${given} out of 5`));
}
