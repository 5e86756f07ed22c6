/** A teacher's courses, and a new one. */
import { get, post } from "../../core/api.js";
import { h, icon } from "../../core/dom.js";
import { money, number } from "../../core/format.js";
import { dialog } from "../dialog.js";
import { form } from "../form.js";
import { readOn } from "../more.js";
import { rating } from "../stars.js";
import { loaded, state } from "../states.js";
import { courseFields, courseOf } from "./course-fields.js";

const TAGS = { draft: "tag-warn", published: "tag-good", archived: "" };

/** @returns {HTMLElement} */
export function courses() {
  const place = h("div", { class: "stack" });
  const add = h("button", { class: "button", type: "button", on: { click: newCourse } }, icon("plus"), "New course");
  loaded(place, list);
  return h(
    "section",
    { class: "card card-pad", "aria-labelledby": "courses" },
    h("div", { class: "card-head" }, h("h2", { id: "courses" }, "Your courses"), add),
    place,
  );
}

function list() {
  const empty = () =>
    state("film", "No course yet", "Describe what you teach, upload a video, and set a price by the minute.");
  const load = (cursor) => get("/teacher/courses", { limit: 20, cursor });
  return readOn({ load, item, list: h("ul", { class: "list" }), empty });
}

function item(course) {
  return h(
    "li",
    {},
    h(
      "div",
      { class: "row" },
      h("a", { href: `/teach/courses/${course.id}` }, h("b", {}, course.title)),
      h("span", { class: `tag ${TAGS[course.state]}` }, course.state),
    ),
    h("b", { class: "figure" }, money(course.figures.net)),
    h(
      "span",
      { class: "muted small row" },
      rating(course.rating, course.rating_count),
      h(
        "span",
        {},
        `${course.learners === null ? "fewer than 5" : number(course.learners)} learners, ${number(Math.floor(course.figures.paid_seconds / 60))} paid minutes`,
      ),
    ),
    h("span", { class: "muted small right" }, "net"),
  );
}

async function newCourse() {
  const fields = await courseFields({});
  const submit = async (values) => {
    const created = await post("/courses", courseOf(values));
    location.assign(`/teach/courses/${created.id}`);
  };
  dialog("New course", form({ fields, button: "Create the draft", submit, wide: true }));
}
