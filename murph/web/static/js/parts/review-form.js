/** Writing a review of what was watched and paid. */
import { post } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { form } from "./form.js";
import { reviewFields, reviewOf } from "./review-actions.js";

/**
 * Return the form for a review of a settled session; nothing for one that was free.
 * @param {any} receipt
 * @returns {HTMLElement | null}
 */
export function reviewForm(receipt) {
  if (receipt.status !== "completed") return null;
  const place = h("section", { class: "card card-pad stack", "aria-labelledby": "review" });
  const submit = async (values) => {
    await post(`/courses/${receipt.course_id}/reviews`, { ...reviewOf(values), session_id: receipt.session_id });
    const link = h("a", { href: `/courses/${receipt.course_id}#reviews` }, "See it with the others");
    fill(
      place,
      h(
        "p",
        { class: "note note-good", role: "status" },
        icon("check"),
        h("span", {}, "Thank you for your review. ", link),
      ),
    );
  };
  fill(
    place,
    h("h2", { id: "review" }, "How was it?"),
    h("p", { class: "muted small" }, "The more of the course you have watched, the more your review counts."),
    form({ fields: reviewFields(), button: "Send the review", submit }),
  );
  return place;
}
