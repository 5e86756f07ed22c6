/** One session being watched: the picture, its meter and the socket between them and the server. */
import { get, post } from "../../core/api.js";
import { h, icon } from "../../core/dom.js";
import { duration, money } from "../../core/format.js";
import { toSignIn } from "../../core/page.js";
import { SessionSocket } from "../../core/socket.js";
import { notice } from "../notice.js";
import { controls } from "./controls.js";
import { Cover } from "./cover.js";
import { RunningLow } from "./funds.js";
import { Meter } from "./meter.js";
import { mediaOrigin, originOfFile, Outside } from "./outside.js";
import { placeKept, keepPlace } from "./place.js";
import { Screen } from "./screen.js";
import { Stopwatch } from "./stopwatch.js";
import { WHY_BROKEN, WHY_ENDED, WHY_REFUSED } from "./words.js";

const KEEP_EVERY_MS = 3000;
/** A session on its stage. */
export class Viewing {
  #course;
  #session;
  #videoId;
  #picture;
  #screen;
  #apart = null;
  #changed = () => {
    this.#socket.tick();
    if (this.#screen.state === "ended") this.#goOn();
    else if (this.#screen.state === "playing" && !this.controls.inert) this.#cover.lift();
  };
  #socket;
  #watch;
  #cover;
  #warning;
  #stop;
  #suspended = false;

  /** @param {any} course @param {any} session @param {(words: string) => void} announce */
  constructor(course, session, announce) {
    this.#course = course;
    this.#session = session;
    this.#videoId = placeKept(course).videoId;
    this.#picture = new Screen(this.#changed, (isUnplayable) => this.#broke(isUnplayable ? "unplayable" : "stopped"));
    this.#screen = this.#picture;
    this.#watch = new Stopwatch(() => this.#screen);
    this.announce = announce;
    this.meter = new Meter(session, this.#watch, announce);
    const named = { role: "group", "aria-label": course.title };
    this.stage = h("div", { class: "stage", tabindex: "-1", ...named }, this.#screen.element);
    this.#cover = new Cover(this.stage);
    this.controls = controls(this.stage, () => this.#screen);
    this.frame = h("div", { class: "frame" }, this.stage, this.controls);
    this.#warning = new RunningLow(session.id, announce, (extended) => this.#extended(extended));
    this.#stop = h(
      "button",
      { class: "button button-danger button-wide", type: "button", on: { click: () => this.#end() } },
      icon("stop"),
      "Stop watching",
    );
    this.side = h("div", { class: "stack" }, this.#warning.element, this.meter.element, this.#stop);
    // Of the side, the warning alone is seen full screen.
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement) this.controls.before(this.#warning.element);
      else this.side.prepend(this.#warning.element);
    });
    this.#socket = new SessionSocket(session.ws_url, this.#listener());
  }

  /** Show the picture and open the meter. @param {boolean} byHand whether somebody has just pressed something */
  async begin(byHand) {
    const { seconds } = placeKept(this.#course);
    const isThere = await this.go(this.#videoId, seconds, false);
    this.#socket.open();
    this.#showBalance();
    setInterval(() => this.#keep(), KEEP_EVERY_MS);
    if (!isThere || this.#screen.isOutside) return; // the clock is started by whoever begins there
    if (!byHand || !(await this.#screen.play())) this.#askToPlay();
  }

  /**
   * Go to a moment of a video of the course.
   * @param {string} videoId @param {number} seconds @returns {Promise<boolean>} whether there is something to play
   */
  async go(videoId, seconds, andPlay = true) {
    if (videoId === this.#videoId && this.#screen.length && !this.#screen.isBroken) this.#screen.seek(seconds);
    else if (!(await this.#isShown(videoId, seconds))) return false;
    if (andPlay && !this.#screen.isOutside) await this.#screen.play();
    return true;
  }

  /** After the end of a video comes the next one, and after the last one the receipt. */
  #goOn() {
    const next = this.#next();
    if (next) this.#cover.ask("That was this video.", `Next: ${next.title}`, () => this.go(next.id, 0));
    else this.#cover.ask("You have reached the end.", "Stop and see the receipt", () => this.#end(), "receipt");
  }

  #next() {
    const { videos } = this.#course;
    return videos[videos.findIndex(({ id }) => id === this.#videoId) + 1];
  }

  async #isShown(videoId, seconds) {
    try {
      await this.#show(videoId, seconds);
      return true;
    } catch (error) {
      this.announce(error.message);
      this.#cover.ask(error.message, "Try again", () => this.go(videoId, seconds), "film");
      return false;
    }
  }

  async #show(videoId, seconds) {
    const playback = await get(`/courses/${this.#course.id}/videos/${videoId}/url`);
    this.#videoId = videoId;
    this.#screen.clear();
    this.#apart = null;
    if (playback.type === "external") return this.#showFromOutside(playback, seconds);
    this.#use(this.#picture);
    return this.#screen.show(playback, seconds);
  }

  /** No picture comes: without a connection one waits for that, else somebody has to press something. */
  #broke(why) {
    if (this.#apart && why === "unplayable") return this.#apart();
    if (this.meter.state === "lost") return this.#cover.say(h("p", {}, WHY_BROKEN.lost));
    this.announce(WHY_BROKEN[why]);
    this.#cover.ask(WHY_BROKEN[why], "Try again", () => this.go(this.#videoId, this.#screen.position), "film");
  }

  /** A file of another host plays here, if the page may load it; anything else opens in a tab of its own. */
  async #showFromOutside(playback, seconds) {
    this.#apart = () => {
      const length = this.#course.videos.find(({ id }) => id === this.#videoId)?.duration_seconds ?? 0;
      this.#use(new Outside(playback.url, length, this.#changed));
      this.#screen.seek(seconds);
    };
    const origin = originOfFile(playback.url);
    if (!origin) return this.#apart();
    // The page's policy names the one other host that it may play from, and comes from the server.
    if (mediaOrigin() !== origin) return location.replace(`${location.pathname}?media=${encodeURIComponent(origin)}`);
    this.#use(this.#picture);
    return this.#screen.show(playback, seconds);
  }

  #use(screen) {
    this.#cover.lift();
    this.#screen = screen;
    this.stage.replaceChildren(screen.element);
  }

  #listener() {
    return {
      look: () => this.#look(),
      ready: (figures) => this.#ready(figures),
      counted: (figures) => this.#counted(figures),
      ended: (reason, receipt) => this.#ended(reason, receipt),
      suspended: () => this.#suspend(),
      lost: () => {
        if (this.meter.state === "counting" || this.meter.state === "resting")
          this.announce("The connection is lost. What you see now is not charged.");
        this.meter.state = "lost";
      },
      refused: (why) => this.#refused(why),
    };
  }

  #look() {
    const { state, position, rate } = this.#screen;
    this.#rest(state);
    return {
      played_ms: this.#watch.read(),
      state,
      video_id: this.#videoId,
      position_ms: Math.floor(position * 1000),
      rate,
    };
  }

  #rest(state) {
    if (!["counting", "resting", "connecting"].includes(this.meter.state)) return;
    this.meter.state = state === "playing" ? "counting" : "resting";
  }

  #ready(figures) {
    if (this.meter.state === "lost") this.announce("Connected again.");
    this.#watch.restart();
    this.meter.state = "connecting";
    this.meter.take(figures);
    if (this.#stop.disabled) this.#end(); // what was asked for may have been lost on its way
    else if (this.#screen.isBroken) this.#mend();
  }

  async #mend() {
    this.#cover.lift();
    if (!(await this.#screen.mend())) this.#askToPlay();
  }

  #askToPlay() {
    this.#cover.ask("Ready when you are.", "Play", () => this.#screen.play());
  }

  #counted(figures) {
    this.meter.take(figures);
    if (this.#suspended) {
      this.#suspended = false;
      this.meter.state = "resting";
      this.#screen.play();
    }
    this.#warning.look(figures.seconds_left);
  }

  #suspend() {
    this.#suspended = true;
    this.meter.state = "suspended";
    this.#screen.pause();
    this.announce("The server cannot count at the moment, so nothing is charged. Playing goes on by itself.");
  }

  #extended({ locked_amount, currency }) {
    this.announce(`${money(locked_amount, currency)} are set aside now.`);
    this.#showBalance();
    this.#socket.tick();
  }

  async #end() {
    this.#stop.disabled = true;
    this.#screen.pause();
    try {
      if (!this.#socket.end())
        this.#ended(
          "user",
          await post(`/sessions/${this.#session.id}/end`, undefined, { key: `end-${this.#session.id}` }),
        );
    } catch (error) {
      this.#stop.disabled = false;
      notice(error.message, { sign: icon("alert") });
    }
  }

  #ended(reason, receipt) {
    this.#keep();
    this.#socket.close();
    this.#close(WHY_ENDED[reason] ?? "It has ended.");
    this.meter.finish(receipt);
    const told = `${duration(receipt.used_seconds)} watched for ${money(receipt.cost, receipt.currency)}.`;
    this.announce(`${WHY_ENDED[reason] ?? ""} ${told}`);
    const address = `/receipts/${this.#session.id}`;
    if (reason === "user") return location.assign(address);
    const again = h(
      "button",
      { class: "button button-quiet", type: "button", on: { click: () => location.reload() } },
      "Watch on",
    );
    this.stage.focus();
    return this.#cover.say(
      h("h2", {}, WHY_ENDED[reason] ?? "It has ended."),
      h("p", {}, told),
      h("div", { class: "row" }, h("a", { class: "button", href: address }, "See the receipt"), again),
    );
  }

  #refused(why) {
    if (why === "signed-out") return toSignIn();
    this.#screen.pause();
    this.meter.state = why === "replaced" ? "elsewhere" : "ended";
    this.controls.inert = true;
    this.announce(WHY_REFUSED[why]);
    return this.#cover.ask(WHY_REFUSED[why], why === "replaced" ? "Watch here instead" : "Load the page anew", () => {
      if (why !== "replaced") return location.reload();
      this.controls.inert = false;
      this.meter.state = "connecting";
      this.#socket.open();
      return this.#screen.play();
    });
  }

  #close(words) {
    this.#screen.pause();
    this.#screen.clear();
    this.#warning.close();
    this.#stop.remove();
    this.controls.inert = true;
    this.stage.setAttribute("aria-label", words);
  }

  async #showBalance() {
    const wallet = await get("/payments/wallet/balance").catch(() => null); // the meter does without it
    this.meter.balance = wallet?.available ?? null;
  }

  #keep() {
    const { position, state } = this.#screen;
    if (state === "ended") keepPlace(this.#course.id, (this.#next() ?? this.#course.videos[0]).id, 0);
    else if (position) keepPlace(this.#course.id, this.#videoId, position);
  }
}
