/** The videos of a course: uploading, watching them being made ready, captions, their order and names, taking them away. */
import { get, put, remove } from "../../core/api.js";
import { fill, h, icon, unseen } from "../../core/dom.js";
import { duration } from "../../core/format.js";
import { upload } from "../../core/upload.js";
import { field, form } from "../form.js";
import { dialog } from "../dialog.js";
import { captions } from "./captions.js";
import { lectures } from "./lectures.js";
import { linking } from "./linking.js";
import { preview } from "./preview.js";
import { loaded } from "../states.js";
import { sure } from "../sure.js";

const LOOK_EVERY_MS = 1500;
const WORKING = ["uploaded", "processing"];
const STATES = { uploaded: "Waiting", processing: "Being made ready", ready: "Ready", failed: "Failed" };
const TAGS = { ready: "tag-good", failed: "tag-bad" };

/**
 * Return the videos of a course, with a way to add one.
 * @param {any} course
 * @param {(videos: any[]) => void} changed is told them whenever they are read
 * @returns {HTMLElement}
 */
export function videos(course, changed) {
  const list = h("div", { class: "stack" });
  let timer = 0;
  const shown = (found) => items(found.map((video) => item(course, video, found, show)));
  const lookLater = () => {
    clearTimeout(timer);
    if (list.isConnected) timer = setTimeout(show, LOOK_EVERY_MS);
  };
  const read = async () => {
    const { items: found } = await get(`/courses/${course.id}/videos`);
    changed(found);
    if (found.some(({ status }) => WORKING.includes(status))) lookLater();
    return shown(found);
  };
  const show = () => read().then((found) => refill(list, found), lookLater); // away for a moment: look again
  loaded(list, read);
  return h(
    "section",
    { class: "card card-pad stack", "aria-labelledby": "videos" },
    h("h2", { id: "videos" }, "Videos"),
    list,
    sending(course, show),
    linking(course, show),
  );
}

/** Fill the list anew; who is at one of its buttons stays there. */
function refill(list, content) {
  const at = list.contains(document.activeElement) ? document.activeElement.textContent : null;
  fill(list, content);
  if (at) [...list.querySelectorAll("button")].find(({ textContent }) => textContent === at)?.focus();
}

function items(shown) {
  return shown.length
    ? h("ul", { class: "list" }, shown)
    : h("p", { class: "muted" }, "No video yet. Upload one: it is made ready for paid watching.");
}

function item(course, video, all, show) {
  const isWorking = WORKING.includes(video.status);
  const words = isWorking ? `${STATES[video.status]}, ${video.progress_pct} %` : STATES[video.status];
  return h(
    "li",
    {},
    h(
      "div",
      { class: "row" },
      h("b", {}, video.title),
      h("span", { class: `tag ${TAGS[video.status] ?? "tag-warn"}`, role: isWorking ? "status" : null }, words),
    ),
    h("div", { class: "tools" }, tools(course, video, all, show)),
    h(
      "span",
      { class: "muted small" },
      video.failure?.detail ??
        [duration(video.duration_seconds), ...video.captions.map(({ label }) => label)].join(", "),
    ),
    isWorking ? h("span", { class: "progress" }, h("span", { vars: { "--part": `${video.progress_pct}%` } })) : null,
  );
}

function tools(course, video, all, show) {
  const place = all.indexOf(video);
  const tool = (sign, words, action) =>
    h(
      "button",
      { class: "tool", type: "button", title: words, on: { click: action } },
      icon(sign),
      unseen(`${words}: ${video.title}`),
    );
  const move = (by) =>
    attempt(() => put(`/courses/${course.id}/videos/order`, { video_ids: moved(all, place, by) }), show);
  const open = (question) => () =>
    question(course, video).catch((error) => dialog("That did not work", h("p", {}, error.message)));
  return [
    video.status === "ready" ? tool("play", "Look at it", open(preview)) : null,
    place > 0 ? tool("up", "Move up", () => move(-1)) : null,
    place < all.length - 1 ? tool("down", "Move down", () => move(1)) : null,
    video.status === "ready" && video.type !== "external"
      ? tool("captions", "Captions", () => captions(course, video, show))
      : null,
    video.status === "ready" ? tool("book", "Lectures", open(lectures)) : null,
    tool("edit", "Rename", () => renaming(course, video, show)),
    tool("close", "Remove", () => taking(course, video, show)),
  ];
}

function moved(all, place, by) {
  const ids = all.map(({ id }) => id);
  ids.splice(place + by, 0, ...ids.splice(place, 1));
  return ids;
}

async function attempt(action, show) {
  await action().catch((error) => dialog("That did not work", h("p", {}, error.message)));
  await show();
}

function sending(course, show) {
  const bar = h("span", { vars: { "--part": "0%" } });
  const said = h("p", { class: "muted small", role: "status" });
  const progress = h("span", { class: "progress", hidden: true }, bar);
  const fields = [
    field({
      name: "title",
      label: "Title",
      hint: "Left empty, it is the file's name.",
      maxlength: 200,
      autocomplete: "off",
    }),
    field({ name: "file", label: "File", type: "file", accept: "video/*", required: true }),
  ];
  const submit = async (_values, element) => {
    const given = new FormData(element);
    const sent = new FormData();
    if (given.get("title")) sent.set("title", given.get("title"));
    sent.set("file", given.get("file"));
    progress.hidden = false;
    try {
      await upload(`/courses/${course.id}/videos`, sent, (part) => {
        bar.style.setProperty("--part", `${Math.round(part * 100)}%`);
        said.textContent = part < 1 ? `${Math.round(part * 100)} % sent` : "Sent. It is being stored.";
      });
      said.textContent = "Stored. It is being made ready now.";
      element.reset();
    } finally {
      progress.hidden = true;
    }
    await show();
  };
  return h(
    "div",
    { class: "file-drop" },
    h("h3", {}, "Upload a video"),
    form({ fields, button: "Upload", submit }),
    progress,
    said,
  );
}

function renaming(course, video, show) {
  const fields = [field({ name: "title", label: "Title", value: video.title, maxlength: 200, required: true })];
  const submit = async (values) => {
    await put(`/courses/${course.id}/videos/${video.id}`, values);
    close();
    await show();
  };
  const { close } = dialog(`Rename ${video.title}`, form({ fields, button: "Save", submit }));
}

function taking(course, video, show) {
  sure({
    title: `Remove ${video.title}?`,
    words: "Nobody can watch it any more. Its captions go with it.",
    button: "Remove it",
    act: () => remove(`/courses/${course.id}/videos/${video.id}`),
    done: show,
  });
}
