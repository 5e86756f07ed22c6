/** A teacher's look at their own video, which costs nothing. */
import { get } from "../../core/api.js";
import { fill, h, icon } from "../../core/dom.js";
import { dialog } from "../dialog.js";
import { Screen } from "../player/screen.js";

/**
 * Play a video of one's own in a dialog; one of another site is opened there.
 * @param {any} course
 * @param {any} video
 */
export async function preview(course, video) {
  const playback = await get(`/courses/${course.id}/videos/${video.id}/url`);
  const place = h("div", { class: "stage" });
  if (playback.type === "external") return void dialog(video.title, elsewhere(playback.url));
  const screen = new Screen(
    () => {},
    () => fill(place, h("p", { class: "stage-cover" }, "This browser does not play this video by itself.")),
  );
  screen.element.controls = true;
  fill(place, screen.element);
  const { element, closed } = dialog(video.title, place);
  element.classList.add("dialog-wide");
  closed.then(() => screen.clear());
  await screen.show(playback, 0);
  await screen.play();
}

function elsewhere(url) {
  return h(
    "a",
    { class: "button button-wide", href: url, target: "_blank", rel: "noopener noreferrer" },
    icon("external"),
    "Open it on its site",
  );
}
