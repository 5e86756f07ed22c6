/** What one may do about a review: change or take back one's own, report another's. */
import { post, put, remove } from "../core/api.js";
import { fill, h } from "../core/dom.js";
import { dialog } from "./dialog.js";
import { choices, field, form } from "./form.js";
import { notice } from "./notice.js";
import { sure } from "./sure.js";

const STARS = ["5", "4", "3", "2", "1"].map((each) => [each, `${each} ★`]);
const REASONS = [
  ["spam", "It advertises something"],
  ["abuse", "It insults somebody"],
  ["off_topic", "It is about something else"],
  ["not_genuine", "It is not an honest opinion"],
  ["other", "Something else"],
];

/**
 * Return the fields of a review, with what it says so far.
 * @param {{rating?: number, comment?: string | null}} [review]
 * @returns {HTMLElement[]}
 */
export function reviewFields({ rating = 5, comment = "" } = {}) {
  return [
    choices({ name: "rating", label: "Your rating", options: STARS, value: String(rating) }),
    field({
      tag: "textarea",
      name: "comment",
      label: "What would you tell others?",
      hint: "You can change it for 24 hours.",
      value: comment ?? "",
      maxlength: 5000,
    }),
  ];
}

/**
 * Return what the API takes of these fields.
 * @param {Record<string, string>} values
 * @returns {{rating: number, comment: string | null}}
 */
export function reviewOf({ rating, comment }) {
  return { rating: Number(rating), comment: comment || null };
}

/**
 * Return the buttons under a review.
 * @param {any} review as the API lists it
 * @param {() => void} changed is called when it has
 * @returns {HTMLElement}
 */
export function reviewActions(review, changed) {
  const press = (words, action) =>
    h("button", { class: "link-button small", type: "button", on: { click: action } }, words);
  return h(
    "div",
    { class: "row" },
    review.is_mine
      ? [press("Change", () => change(review, changed)), press("Take back", () => takeBack(review, changed))]
      : press("Report", () => report(review)),
  );
}

function change(review, changed) {
  const submit = async (values) => {
    await put(`/reviews/${review.id}`, reviewOf(values));
    close();
    changed();
  };
  const { close } = dialog("Change your review", form({ fields: reviewFields(review), button: "Save", submit }));
}

function takeBack(review, changed) {
  sure({
    title: "Take your review back?",
    words: "It no longer counts, and nobody sees it.",
    button: "Take it back",
    act: () => remove(`/reviews/${review.id}`),
    done: changed,
  });
}

function report(review) {
  const place = h("div", { class: "stack" });
  const { close } = dialog("Report this review", place);
  const submit = async ({ reason, comment }) => {
    await post(`/reviews/${review.id}/report`, { reason, comment: comment || null });
    close();
    notice("Thank you. An administrator looks at it.");
  };
  const fields = [
    field({ tag: "select", name: "reason", label: "What is wrong with it?", options: REASONS, value: "spam" }),
    field({ tag: "textarea", name: "comment", label: "Anything to add?", maxlength: 1000 }),
  ];
  fill(place, form({ fields, button: "Report it", submit }));
}
