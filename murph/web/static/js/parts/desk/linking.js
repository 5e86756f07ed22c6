/** A video that stays on another site: only its address and its length are kept here. */
import { post } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { field, form } from "../form.js";

/**
 * Return the form for it, behind a line that opens it.
 * @param {any} course
 * @param {() => Promise<void>} added
 * @returns {HTMLElement}
 */
export function linking(course, added) {
  const fields = [
    field({ name: "title", label: "Title", maxlength: 200, required: true, autocomplete: "off" }),
    field({ name: "video_url", label: "Address", type: "url", required: true, autocomplete: "off" }),
    field({
      name: "duration_seconds",
      label: "Length",
      hint: "Minutes and seconds, such as 12:30.",
      pattern: "\\d+:[0-5]\\d",
      required: true,
      autocomplete: "off",
    }),
  ];
  const submit = async ({ title, video_url, duration_seconds: length }, element) => {
    const [minutes, seconds] = length.split(":").map(Number);
    await post(`/courses/${course.id}/videos`, { title, video_url, duration_seconds: minutes * 60 + seconds });
    element.reset();
    details.open = false;
    await added();
  };
  const details = h(
    "details",
    { class: "why" },
    h("summary", {}, "Add a video of another site"),
    form({ fields, button: "Add", submit }),
  );
  return details;
}
