/** The lectures of a video, written as people write chapters: a line each, with when it begins. */
import { get, put } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { clock } from "../../core/format.js";
import { dialog } from "../dialog.js";
import { field, form } from "../form.js";
import { notice } from "../notice.js";

const TIME = "(?:\\d+:)?\\d+:[0-5]\\d(?:\\.\\d{1,3})?";
const LINE = new RegExp(`^(${TIME})(?:\\s*[-–]\\s*(${TIME}))?\\s+(\\S.*)$`);

/**
 * Open the question about a video's lectures.
 * @param {any} course
 * @param {any} video which is ready
 */
export async function lectures(course, video) {
  const read = async () => (await get(`/courses/${course.id}`)).lectures;
  const written = lines((await read()).filter((each) => each.video_id === video.id), video);
  const text = field({
    tag: "textarea",
    name: "lectures",
    label: "Lectures",
    rows: 8,
    value: written,
    hint: "A line each, such as 1:30 Compound interest. It goes on to the next one, or to where you say: 1:30-2:45.",
  });
  const submit = async (values) => {
    const own = parts(values.lectures, video);
    if (values.lectures !== written) {
      const others = (await read()).filter((each) => each.video_id !== video.id).map(partOf);
      await put(`/courses/${course.id}`, { content_structure: { lectures: [...others, ...own] } });
      notice("Saved.");
    }
    close();
  };
  const { close } = dialog(`Lectures of ${video.title}`, [
    h("p", { class: "muted small" }, `The video is ${clock(video.duration_seconds)} long.`),
    form({ fields: [text], button: "Save", submit, wide: true }),
  ]);
}

/** Write lectures as lines; where one ends is said only if that is not where the next one begins. */
function lines(found, video) {
  return found
    .map(({ title, video_timestamp_start: start, video_timestamp_end: end }, place) => {
      const next = found[place + 1]?.video_timestamp_start ?? video.duration_seconds;
      return `${time(start)}${end === next ? "" : `-${time(end)}`} ${title}`;
    })
    .join("\n");
}

/** Write a time to the millisecond, as lectures are kept: 90.5 as 1:30.5. */
function time(seconds) {
  const rest = String(Number((seconds % 1).toFixed(3))).slice(1);
  return clock(seconds) + rest;
}

function parts(text, video) {
  const read = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map(readLine);
  return read.map(({ title, start, end }, place) => ({
    title,
    video_timestamp_start: start,
    video_timestamp_end: end ?? read[place + 1]?.start ?? video.duration_seconds,
    video_id: video.id,
  }));
}

function readLine(line) {
  const found = LINE.exec(line);
  if (!found) throw new Error(`“${line}” does not begin with a time. Write it like 1:30 Compound interest.`);
  return { title: found[3], start: seconds(found[1]), end: found[2] ? seconds(found[2]) : null };
}

function seconds(time) {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function partOf({ title, video_timestamp_start, video_timestamp_end, video_id }) {
  return { title, video_timestamp_start, video_timestamp_end, video_id };
}
