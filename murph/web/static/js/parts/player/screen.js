/** The picture: hls.js where it is installed, else what the browser plays by itself. */
import { h } from "../../core/dom.js";

/** Keys are refused while the meter is behind: wait for it. A refusal of any other kind is final. */
const PATIENT_FOR_KEYS = {
  default: {
    maxTimeToFirstByteMs: 8000,
    maxLoadTimeMs: 20000,
    timeoutRetry: { maxNumRetry: 3, retryDelayMs: 1000, maxRetryDelayMs: 2000 },
    errorRetry: {
      maxNumRetry: 60,
      retryDelayMs: 1000,
      maxRetryDelayMs: 2000,
      shouldRetry: (_config, _count, _isTimeout, response) => response?.code === 403,
    },
  },
};
const SETTINGS = {
  maxBufferLength: 20,
  maxMaxBufferLength: 24,
  backBufferLength: 30,
  enableWorker: false, // a worker from a blob is what the page's policy forbids
  keyLoadPolicy: PATIENT_FOR_KEYS,
};
const CHANGES = ["play", "pause", "playing", "waiting", "seeked", "ended", "ratechange"];
const HAS_FUTURE_DATA = 3;

/** A video element that plays whatever address the API gives. */
export class Screen {
  #hls = null;
  #url = "";
  #isBroken = false;
  #hasPlayed = false;
  #isToPlay = false; // what breaks is paused by the browser
  #reached = 0;
  #broken;
  #sheet = null;
  #language = "";

  /**
   * @param {() => void} changed is called when it plays, pauses, waits, or its speed changes
   * @param {(isUnplayable: boolean) => void} broken is called when no picture comes any more
   */
  constructor(changed, broken) {
    this.#broken = broken;
    this.element = h("video", { playsinline: true, preload: "auto", tabindex: "-1" });
    for (const event of CHANGES) this.element.addEventListener(event, changed);
    this.element.addEventListener("error", () => this.#hls || this.#breakOff(this.#isUnplayable()));
    this.element.addEventListener("timeupdate", () => this.#note());
  }

  /** Seconds from the beginning. */
  get position() {
    // What broke stands at zero in some browsers.
    return this.#isBroken ? this.#reached : this.element.currentTime;
  }

  get rate() {
    return this.element.playbackRate;
  }

  get length() {
    return Number.isFinite(this.element.duration) ? this.element.duration : 0;
  }

  /** @returns {"playing" | "paused" | "buffering" | "ended"} */
  get state() {
    if (this.element.ended) return "ended";
    if (this.element.paused) return "paused";
    return this.element.seeking || this.element.readyState < HAS_FUTURE_DATA ? "buffering" : "playing";
  }

  #note() {
    if (!this.element.readyState) return;
    this.#reached = this.element.currentTime;
    this.#hasPlayed = true;
  }

  /** What is broken is mended, once the server is there again. */
  get isBroken() {
    return this.#isBroken;
  }

  /** What the captions that are shown are called, or "". */
  get captions() {
    return this.#captionTracks().find(({ mode }) => mode === "showing")?.label ?? "";
  }

  /** Go from one language of captions to the next, and after the last to none. */
  turnCaptions() {
    const tracks = this.#captionTracks();
    const next = tracks[tracks.findIndex(({ mode }) => mode === "showing") + 1];
    this.#language = next?.language ?? "";
    this.#showCaptions();
  }

  #captionTracks() {
    return [...this.element.textTracks].filter(({ kind }) => kind === "captions");
  }

  #showCaptions() {
    for (const each of this.#captionTracks()) each.mode = each.language === this.#language ? "showing" : "hidden";
  }

  /**
   * Load what a playback address leads to; speed, sound and the language of captions stay as they are.
   * @param {{type: string, url: string, captions: {url: string, language: string, label: string}[], sprite_url?: string | null}} playback
   * @param {number} startAt seconds
   */
  async show(playback, startAt) {
    this.clear();
    this.#url = playback.url;
    this.#hasPlayed = false;
    this.#reached = startAt;
    this.element.append(...playback.captions.map(track));
    this.#showCaptions();
    if (playback.sprite_url) this.#loadSheet(playback.sprite_url);
    const Hls = playback.type === "hls" ? await library() : null;
    if (Hls) this.#playThrough(Hls, playback.url, startAt);
    else this.#playByItself(startAt);
  }

  #playByItself(startAt) {
    this.element.src = this.#url;
    this.element.currentTime = startAt;
  }

  #playThrough(Hls, url, startAt) {
    this.#hls = new Hls({ ...SETTINGS, startPosition: startAt });
    this.#hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR) this.#hls.recoverMediaError();
      else this.#breakOff(false);
    });
    this.#hls.loadSource(url);
    this.#hls.attachMedia(this.element);
  }

  #breakOff(isUnplayable) {
    this.#isBroken = true;
    this.#broken(isUnplayable);
  }

  /** What has played before can be played: its server is away. */
  #isUnplayable() {
    const { MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED } = MediaError;
    return !this.#hasPlayed && [MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED].includes(this.element.error?.code);
  }

  #loadSheet(url) {
    this.#sheet = h("track", { kind: "metadata", src: url });
    this.element.append(this.#sheet);
    this.#sheet.track.mode = "hidden"; // which loads it
  }

  /**
   * Tell what stands at a moment: a part of a sheet of small pictures, or null where there is none.
   * @param {number} seconds
   * @returns {{address: string, x: number, y: number, width: number, height: number} | null}
   */
  pictureAt(seconds) {
    const cues = [...(this.#sheet?.track.cues ?? [])];
    const cue = cues.find(({ startTime, endTime }) => startTime <= seconds && seconds < endTime);
    const told = /^(.*)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(cue?.text ?? "");
    if (!told) return null;
    const [x, y, width, height] = told.slice(2).map(Number);
    return { address: new URL(told[1], this.#sheet.src).href, x, y, width, height };
  }

  /** Go on loading where it broke, after the server was away. @returns {Promise<boolean>} whether it plays on */
  async mend() {
    this.#isBroken = false;
    if (this.#hls) this.#hls.startLoad(this.position);
    else this.#playByItself(this.position);
    return this.#isToPlay && this.play();
  }

  /** Play; a browser may refuse until somebody has pressed something. @returns {Promise<boolean>} */
  async play() {
    this.#isToPlay = true;
    try {
      await this.element.play();
      return true;
    } catch {
      return false;
    }
  }

  pause() {
    this.#isToPlay = false;
    this.element.pause();
  }

  /** @param {number} seconds from the beginning */
  seek(seconds) {
    this.element.currentTime = this.#reached = Math.min(Math.max(0, seconds), this.length || seconds);
  }

  /** @param {number} rate 0.25 to 2 */
  setRate(rate) {
    this.element.defaultPlaybackRate = this.element.playbackRate = rate;
  }

  /** Show no picture any more. */
  clear() {
    this.#hls?.destroy();
    this.#hls = null;
    this.#sheet = null;
    this.#isBroken = false;
    this.element.removeAttribute("src");
    this.element.replaceChildren();
    this.element.load();
  }
}

function track({ url, language, label }) {
  return h("track", { kind: "captions", src: url, srclang: language, label });
}

async function library() {
  const address = document.body.dataset.player;
  if (!address) return null;
  const loaded = await import(address).catch(() => null); // without it browsers play by themselves
  return loaded?.default.isSupported() ? loaded.default : null;
}
