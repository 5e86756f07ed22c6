/** One course on its teacher's desk: what it says, its videos, and how it is watched. */
import { get, post, put, remove } from "../core/api.js";
import { fill, h, icon } from "../core/dom.js";
import { idInAddress, page, titled } from "../core/page.js";
import { funnel, retention } from "../parts/desk/audience.js";
import { courseFields, courseOf } from "../parts/desk/course-fields.js";
import { videos } from "../parts/desk/videos.js";
import { form } from "../parts/form.js";
import { notice } from "../parts/notice.js";
import { sure } from "../parts/sure.js";

page(
  async (view) => {
    const course = await get(`/courses/${idInAddress()}`);
    titled(course.title);
    const watched = h("div", { class: "stack stack-wide" });
    const showWatched = once((ready) => fill(watched, retention(course, ready), funnel(course)));
    const tell = (found) => {
      const ready = found.filter(({ status }) => status === "ready");
      if (ready.length && course.status !== "draft") showWatched(ready);
    };
    const main = h("div", { class: "stack stack-wide" }, videos(course, tell), watched);
    fill(view, head(course), h("div", { class: "columns columns-even" }, main, await details(course)));
  },
  { needs: "teacher" },
);

function head(course) {
  const said = h("div", { role: "alert" });
  const isPublished = course.status === "published";
  const press = h(
    "button",
    { class: isPublished ? "button button-quiet" : "button", type: "button" },
    isPublished ? "Unpublish" : "Publish",
  );
  press.addEventListener("click", async () => {
    press.disabled = true;
    try {
      await post(`/courses/${course.id}/${isPublished ? "unpublish" : "publish"}`);
      location.reload();
    } catch (error) {
      press.disabled = false;
      fill(said, h("p", { class: "note note-bad" }, icon("alert"), h("span", {}, error.message)));
    }
  });
  return h(
    "div",
    { class: "stack" },
    h("p", {}, h("a", { href: "/teach" }, "← Desk")),
    h(
      "div",
      { class: "row row-apart" },
      h(
        "div",
        { class: "row" },
        h("h1", {}, course.title),
        h("span", { class: `tag ${isPublished ? "tag-good" : "tag-warn"}` }, course.status),
      ),
      h(
        "div",
        { class: "row" },
        h("a", { class: "button button-quiet", href: `/courses/${course.id}` }, "As learners see it"),
        course.status === "archived" ? null : [press, takingButton(course)],
      ),
    ),
    said,
  );
}

function takingButton(course) {
  const ask = () =>
    sure({
      title: `Delete ${course.title}?`,
      words: "Nobody finds it or starts it any more. If somebody has watched it, it is archived, and receipts stay.",
      button: "Delete it",
      act: () => remove(`/courses/${course.id}`),
      done: () => location.assign("/teach"),
    });
  return h("button", { class: "button button-danger", type: "button", on: { click: ask } }, "Delete");
}

async function details(course) {
  const submit = async (values) => {
    await put(`/courses/${course.id}`, courseOf(values));
    notice("Saved.");
  };
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "details" },
    h("h2", { id: "details" }, "What it says"),
    form({ fields: await courseFields(course), button: "Save", submit }),
  );
}

function once(action) {
  let isDone = false;
  return (...given) => {
    if (isDone) return;
    isDone = true;
    action(...given);
  };
}
