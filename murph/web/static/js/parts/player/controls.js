/** What the picture is steered with, by pointer and by keyboard. */
import { fill, h, icon, unseen } from "../../core/dom.js";
import { clock } from "../../core/format.js";
import { scrubbing } from "./scrubbing.js";

const STEP_S = 10;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const LOOK_EVERY_MS = 250;

/**
 * Return the controls of a stage.
 * @param {HTMLElement} stage
 * @param {() => any} screen the screen of the moment
 * @returns {HTMLElement}
 */
export function controls(stage, screen) {
  const play = tool("play", "Play", () => toggle(screen()));
  const captions = tool("captions", "Captions", () => screen().turnCaptions());
  const when = h("span", { class: "when" }, "0:00");
  const bar = h("input", { type: "range", min: 0, max: 1, step: 1, value: 0, "aria-label": "Position in the video" });
  bar.addEventListener("input", () => screen().seek(Number(bar.value)));
  const sound = tool("volume", "Mute", () => toggleSound(stage, sound));
  const speed = h(
    "select",
    { "aria-label": "Speed", on: { change: () => screen().setRate(Number(speed.value)) } },
    RATES.map((rate) => h("option", { value: rate, selected: rate === 1 }, `${rate} ×`)),
  );
  const whole = tool("full", "Full screen", () => toggleWhole(stage));
  const back = tool("back", `Back ${STEP_S} seconds`, () => screen().seek(screen().position - STEP_S));
  const on = tool("forward", `Forward ${STEP_S} seconds`, () => screen().seek(screen().position + STEP_S));
  const ofPicture = [captions, sound, speed, whole];
  const row = h("div", { class: "bar-controls" }, play, back, on, when, h("span", { class: "spring" }), ofPicture);
  setInterval(() => show(screen(), { play, captions, bar, when, ofPicture }), LOOK_EVERY_MS);
  listen(stage, {
    k: play,
    " ": play,
    j: back,
    ArrowLeft: back,
    l: on,
    ArrowRight: on,
    m: sound,
    c: captions,
    f: whole,
  });
  const position = h("div", { class: "bar-position" }, scrubbing(bar, screen), bar);
  return h("div", { role: "group", "aria-label": "Player", data: { controls: "" } }, position, row);
}

function tool(sign, words, action) {
  return h("button", { class: "tool", type: "button", title: words, on: { click: action } }, icon(sign), unseen(words));
}

function toggle(screen) {
  return ["playing", "buffering"].includes(screen.state) ? screen.pause() : screen.play();
}

/** The controls go along, for hands without a keyboard. */
function toggleWhole(stage) {
  if (document.fullscreenElement) return document.exitFullscreen();
  if (document.fullscreenEnabled) return stage.parentElement.requestFullscreen();
  return stage.querySelector("video")?.webkitEnterFullscreen?.(); // all that an iPhone has
}

function toggleSound(stage, button) {
  const video = stage.querySelector("video");
  if (!video) return;
  video.muted = !video.muted;
  relabel(button, video.muted ? "mute" : "volume", video.muted ? "Sound on" : "Mute");
}

function relabel(button, sign, words) {
  if (button.title === words) return;
  button.title = words;
  fill(button, icon(sign), unseen(words));
}

function show(screen, { play, captions, bar, when, ofPicture }) {
  const isGoing = ["playing", "buffering"].includes(screen.state);
  relabel(play, isGoing ? "pause" : "play", isGoing ? "Pause" : "Play");
  captions.setAttribute("aria-pressed", String(Boolean(screen.captions)));
  relabel(captions, "captions", screen.captions ? `Captions: ${screen.captions}` : "Captions");
  const [position, length] = [Math.floor(screen.position), Math.floor(screen.length)];
  bar.max = String(Math.max(1, length));
  if (!bar.matches(":active")) bar.value = String(position);
  bar.setAttribute("aria-valuetext", `${clock(position)} of ${clock(length)}`);
  when.textContent = `${clock(position)} / ${clock(length)}`;
  for (const each of ofPicture) each.hidden = Boolean(screen.isOutside);
}

function listen(stage, keys) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target.closest("input:not([type=range]), select, textarea, dialog, [contenteditable]");
    const isPressing = event.key === " " && target.closest("button, a, summary");
    const isSliding = event.key.startsWith("Arrow") && target.closest("input");
    const button = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const isElse = isTyping || isPressing || isSliding || event.ctrlKey || event.metaKey || event.altKey;
    if (!button || isElse || !stage.isConnected) return;
    event.preventDefault();
    if (!button.closest("[inert]")) button.click();
  });
}
