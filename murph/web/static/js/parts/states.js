/** What stands in a place that has nothing to show, not yet, or not now: always with a way on. */
import { fill, h, icon } from "../core/dom.js";
import { ApiError, Unreachable } from "../core/http.js";

/**
 * Say why there is nothing, and what to do.
 * @param {string} sign
 * @param {string} title
 * @param {string} words
 * @param {...Element} ways
 * @returns {HTMLElement}
 */
export function state(sign, title, words, ...ways) {
  const row = ways.length ? h("div", { class: "row" }, ways) : null;
  return h("section", { class: "state" }, icon(sign, "state-icon"), h("h2", {}, title), h("p", {}, words), row);
}

/**
 * Say what went wrong, with the way on that fits it.
 * @param {unknown} error
 * @param {() => void} again
 * @returns {HTMLElement}
 */
export function failed(error, again) {
  const retry = h("button", { class: "button", type: "button", on: { click: again } }, "Try again");
  const home = h("a", { class: "button button-quiet", href: "/" }, "To the courses");
  if (error instanceof Unreachable) return state("cloud-off", "No connection", error.message, retry);
  if (error instanceof ApiError && error.status === 404) {
    return state("compass", "There is nothing here", "It may have been removed, or it is not yours to see.", home);
  }
  if (error instanceof ApiError && error.isSignedOut) {
    const signIn = h("a", { class: "button", href: signInAddress() }, "Sign in");
    return state("user", "You have been signed out", "Sign in again to go on where you were.", signIn);
  }
  const id = error instanceof ApiError ? error.problem.request_id : null;
  const words = error instanceof ApiError ? error.message : "Something went wrong in this page.";
  return state("alert", "That did not work", id ? `${words} (Request ${id})` : words, retry, home);
}

/** Return where one signs in, to come back here afterwards. @returns {string} */
export function signInAddress() {
  return `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
}

/** @param {number} [lines] @returns {HTMLElement[]} grey lines in the place of what is on its way */
export function skeleton(lines = 3) {
  return Array.from({ length: lines }, () => h("div", { class: "skeleton skeleton-line" }));
}

/**
 * Fill `place` with what `load` returns; meanwhile with grey lines, and after a failure with a way to try again.
 * @param {Element} place
 * @param {() => Promise<any>} load
 */
export async function loaded(place, load) {
  fill(place, skeleton());
  place.setAttribute("aria-busy", "true");
  try {
    fill(place, await load());
  } catch (error) {
    console.error(error);
    fill(
      place,
      failed(error, () => loaded(place, load)),
    );
  } finally {
    place.removeAttribute("aria-busy");
  }
}
