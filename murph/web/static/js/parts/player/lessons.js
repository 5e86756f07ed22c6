/** The lectures of a course beside its player: pressing one goes there. */
import { h } from "../../core/dom.js";
import { clock } from "../../core/format.js";

/**
 * Return the list of what can be watched.
 * @param {any} course
 * @param {(videoId: string, seconds: number) => void} go
 * @returns {HTMLElement}
 */
export function lessons(course, go) {
  const ofVideos = course.videos.map((video) => ({
    video_id: video.id,
    title: video.title,
    start: 0,
    end: video.duration_seconds,
  }));
  const ofLectures = course.lectures.map((each) => ({
    ...each,
    start: each.video_timestamp_start,
    end: each.video_timestamp_end,
  }));
  const items = (ofLectures.length ? ofLectures : ofVideos).map(({ video_id, title, start, end }, index) =>
    h(
      "li",
      {},
      h("span", { class: "number" }, index + 1),
      h("button", { class: "link-button", type: "button", on: { click: () => go(video_id, start) } }, title),
      h("span", { class: "muted figure" }, clock(end - start)),
    ),
  );
  return h(
    "section",
    { class: "card card-pad", "aria-label": "Contents" },
    h("h2", {}, "Contents"),
    h("ol", { class: "lectures" }, items),
  );
}
