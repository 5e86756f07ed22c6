/** The captions of a video: adding a language, replacing it, taking it away. */
import { remove } from "../../core/api.js";
import { h } from "../../core/dom.js";
import { upload } from "../../core/upload.js";
import { dialog } from "../dialog.js";
import { field, form } from "../form.js";

/**
 * Open the question about a video's captions.
 * @param {any} course
 * @param {any} video
 * @param {() => Promise<any>} changed
 */
export function captions(course, video, changed) {
  const path = `/courses/${course.id}/videos/${video.id}/captions`;
  const fields = [
    field({ name: "language", label: "Language", value: "en", hint: "Its code, such as en or pt-BR.", required: true }),
    field({ name: "label", label: "As viewers see it", value: "English", required: true }),
    field({ name: "file", label: "WebVTT or SubRip file", type: "file", accept: ".vtt,.srt,text/vtt", required: true }),
  ];
  const done = async () => {
    close();
    await changed();
  };
  const submit = async (_values, element) => {
    await upload(path, new FormData(element), () => {});
    await done();
  };
  const { close } = dialog(`Captions of ${video.title}`, [
    video.captions.map((each) => taking(`${path}/${encodeURIComponent(each.language)}`, each, done)),
    form({ fields, button: "Upload", submit, wide: true }),
  ]);
}

function taking(path, { label, language }, done) {
  const submit = async () => {
    await remove(path);
    await done();
  };
  return form({ fields: [h("span", {}, `${label} (${language})`)], button: `Remove ${label}`, submit });
}
