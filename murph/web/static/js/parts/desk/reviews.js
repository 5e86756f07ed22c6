/** What learners wrote, and the teacher's answers. */
import { get, post } from "../../core/api.js";
import { fill, h } from "../../core/dom.js";
import { date, number } from "../../core/format.js";
import { field, form } from "../form.js";
import { readOn } from "../more.js";
import { given } from "../stars.js";
import { loaded, state } from "../states.js";

/** @returns {HTMLElement} */
export function reviews() {
  const place = h("div", { class: "stack" });
  const load = (cursor) => get("/teacher/reviews", { limit: 5, cursor });
  const empty = () => state("chat", "No reviews yet", "They appear here when learners write them.");
  loaded(place, () => readOn({ load, item, list: h("ul"), empty }));
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "desk-reviews" },
    h("div", { class: "card-head" }, h("h2", { id: "desk-reviews" }, "Reviews")),
    place,
  );
}

function item(review) {
  const place = h("div", {});
  fill(place, answer(review, place));
  return h(
    "li",
    { class: "review" },
    h(
      "div",
      { class: "row row-apart" },
      h("span", { class: "row" }, h("b", {}, review.student_name), given(review.rating)),
      h("span", { class: "muted small" }, `${review.course_title}, ${date(review.created_at)}`),
    ),
    review.comment ? h("p", {}, review.comment) : null,
    h(
      "p",
      { class: "muted small" },
      `Watched ${number(review.watched_pct)} % of the course · counts ${number(review.weight, 2)}`,
    ),
    place,
  );
}

function answer(review, place) {
  if (review.reply) return h("p", { class: "reply" }, h("b", {}, "You: "), review.reply.text);
  const open = () => {
    const submit = async ({ reply }) => {
      const answered = await post(`/reviews/${review.id}/reply`, { reply });
      fill(place, answer(answered, place));
    };
    fill(
      place,
      form({
        fields: [
          field({
            tag: "textarea",
            name: "reply",
            label: "Your answer, which everybody sees",
            maxlength: 2000,
            required: true,
          }),
        ],
        button: "Send",
        submit,
      }),
    );
    place.querySelector("textarea")?.focus();
  };
  return h("button", { class: "link-button", type: "button", on: { click: open } }, "Answer");
}
