/** What learners wrote, and the teacher's answers. */
import { get, post, remove } from "../../core/api.js";
import { fill, h } from "../../core/dom.js";
import { date, number } from "../../core/format.js";
import { field, form } from "../form.js";
import { readOn } from "../more.js";
import { given } from "../stars.js";
import { loaded, state } from "../states.js";
import { sure } from "../sure.js";

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
  const show = () => fill(place, answer(review, place));
  const write = () => {
    fill(place, writing(review, show));
    place.querySelector("textarea")?.focus();
  };
  const press = (words, action) => h("button", { class: "link-button", type: "button", on: { click: action } }, words);
  if (!review.reply) return press("Answer", write);
  const takeBack = () =>
    sure({
      title: "Take your answer back?",
      words: "Nobody sees it any more. You can write another one.",
      button: "Take it back",
      act: () => remove(`/reviews/${review.id}/reply`),
      done: () => {
        review.reply = null;
        show();
      },
    });
  return [
    h("p", { class: "reply" }, h("b", {}, "You: "), review.reply.text),
    review.reply.answers_earlier_version
      ? h("p", { class: "muted small" }, "The review was changed after your answer.")
      : null,
    h("div", { class: "row" }, press("Change the answer", write), press("Take it back", takeBack)),
  ];
}

function writing(review, show) {
  const submit = async ({ reply }) => {
    review.reply = (await post(`/reviews/${review.id}/reply`, { reply })).reply;
    show();
  };
  const words = field({
    tag: "textarea",
    name: "reply",
    label: "Your answer, which everybody sees",
    value: review.reply?.text,
    maxlength: 2000,
    required: true,
  });
  const back = h("button", { class: "button button-quiet", type: "button", on: { click: show } }, "Leave it");
  return form({ fields: [words], button: "Send", submit, extra: back });
}
