/** One session being watched: the picture, its meter and the socket between them and the server. */
import { get, post } from "../../core/api.js";
import { fill, h, icon } from "../../core/dom.js";
import { duration, money } from "../../core/format.js";
import { toSignIn } from "../../core/page.js";
import { SessionSocket } from "../../core/socket.js";
import { controls } from "./controls.js";
import { runningLow } from "./funds.js";
import { Meter } from "./meter.js";
import { mediaOrigin, originOfFile, Outside } from "./outside.js";
import { placeKept, keepPlace } from "./place.js";
import { Screen } from "./screen.js";
import { Stopwatch } from "./stopwatch.js";

const KEEP_EVERY_MS = 3000;
const WHY_ENDED = {
  user: "You stopped.",
  funds_exhausted: "The money set aside is used up.",
  idle: "Nothing was played for a quarter of an hour.",
  abandoned: "The connection was away for too long.",
  expired: "It was not started in time.",
  admin: "An administrator ended it.",
};
const WHY_REFUSED = {
  replaced: "This session goes on in another tab or on another device.",
  "signed-out": "You have been signed out.",
  unknown: "This session is not there any more.",
  mistaken: "This page and the server did not understand each other.",
};

/** A session on its stage. */
export class Viewing {
  #course;
  #session;
  #videoId;
  #screen;
  #changed = () => this.#socket.tick();
  #socket;
  #watch;
  #suspended = false;

  /** @param {any} course @param {any} session @param {(words: string) => void} announce */
  constructor(course, session, announce) {
    this.#course = course;
    this.#session = session;
    this.#videoId = placeKept(course).videoId;
    this.#screen = new Screen(this.#changed);
    this.#watch = new Stopwatch(this.#ofTheMoment());
    this.announce = announce;
    this.meter = new Meter(session, this.#watch, announce);
    this.stage = h("div", { class: "stage", tabindex: "-1" }, this.#screen.element);
    this.controls = controls(this.stage, () => this.#screen);
    this.warning = h("div", {});
    this.stop = h(
      "button",
      { class: "button button-danger button-wide", type: "button", on: { click: () => this.#end() } },
      icon("stop"),
      "Stop watching",
    );
    this.#socket = new SessionSocket(session.ws_url, this.#listener());
  }

  /** Show the picture and open the meter. @param {boolean} byHand whether somebody has just pressed something */
  async begin(byHand) {
    const { seconds } = placeKept(this.#course);
    await this.go(this.#videoId, seconds, false);
    this.#socket.open();
    this.#showBalance();
    setInterval(() => this.#keep(), KEEP_EVERY_MS);
    if (!byHand || !(await this.#screen.play())) this.#cover("Ready when you are.", "Play", () => this.#screen.play());
  }

  /** Go to a moment of a video of the course. @param {string} videoId @param {number} seconds */
  async go(videoId, seconds, andPlay = true) {
    if (videoId === this.#videoId && this.#screen.length) this.#screen.seek(seconds);
    else await this.#show(videoId, seconds);
    if (andPlay) await this.#screen.play();
  }

  async #show(videoId, seconds) {
    const playback = await get(`/courses/${this.#course.id}/videos/${videoId}/url`);
    this.#videoId = videoId;
    this.#screen.clear();
    if (playback.type === "external") return this.#showFromOutside(playback, seconds);
    this.#use(new Screen(this.#changed));
    return this.#screen.show(playback, seconds);
  }

  /** A file of another host plays here, if the page may load it; anything else opens in a tab of its own. */
  async #showFromOutside(playback, seconds) {
    const apart = () => {
      const length = this.#course.videos.find(({ id }) => id === this.#videoId)?.duration_seconds ?? 0;
      this.#use(new Outside(playback.url, length, this.#changed));
      this.#screen.seek(seconds);
    };
    const origin = originOfFile(playback.url);
    if (!origin) return apart();
    // The page's policy names the one other host that it may play from, and comes from the server.
    if (mediaOrigin() !== origin) return location.replace(`${location.pathname}?media=${encodeURIComponent(origin)}`);
    this.#use(new Screen(this.#changed));
    this.#screen.element.addEventListener("error", apart, { once: true });
    return this.#screen.show(playback, seconds);
  }

  #use(screen) {
    this.#screen = screen;
    this.stage.replaceChildren(screen.element);
  }

  #ofTheMoment() {
    const now = () => this.#screen;
    return {
      get position() {
        return now().position;
      },
      get rate() {
        return now().rate;
      },
      get state() {
        return now().state;
      },
    };
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
    if (this.meter.state === "counting" || this.meter.state === "resting" || this.meter.state === "connecting") {
      this.meter.state = state === "playing" ? "counting" : "resting";
    }
  }

  #ready(figures) {
    if (this.meter.state === "lost") this.announce("Connected again.");
    this.#watch.restart();
    this.meter.state = "connecting";
    this.meter.take(figures);
    this.#screen.mend();
  }

  #counted(figures) {
    this.meter.take(figures);
    if (this.#suspended) {
      this.#suspended = false;
      this.meter.state = "resting";
      this.#screen.play();
    }
    if (figures.warning === "low_balance") this.#warn();
  }

  #suspend() {
    this.#suspended = true;
    this.meter.state = "suspended";
    this.#screen.pause();
    this.announce("The server cannot count at the moment, so nothing is charged. Playing goes on by itself.");
  }

  #warn() {
    this.announce("Less than two minutes are paid for.");
    fill(
      this.warning,
      runningLow(this.#session.id, (session) => {
        this.announce(`${money(session.locked_amount, session.currency)} are set aside now.`);
        this.#showBalance();
        this.#socket.tick();
      }),
    );
  }

  async #end() {
    this.stop.disabled = true;
    this.#screen.pause();
    try {
      if (!this.#socket.end())
        this.#ended(
          "user",
          await post(`/sessions/${this.#session.id}/end`, undefined, { key: `end-${this.#session.id}` }),
        );
    } catch (error) {
      this.stop.disabled = false;
      this.announce(error.message);
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
    this.stage.append(
      h(
        "div",
        { class: "stage-cover" },
        h("h2", {}, WHY_ENDED[reason] ?? "It has ended."),
        h("p", {}, told),
        h("div", { class: "row" }, h("a", { class: "button", href: address }, "See the receipt"), again),
      ),
    );
    return undefined;
  }

  #refused(why) {
    if (why === "signed-out") return toSignIn();
    this.#screen.pause();
    this.meter.state = why === "replaced" ? "elsewhere" : "ended";
    this.announce(WHY_REFUSED[why]);
    return this.#cover(WHY_REFUSED[why], why === "replaced" ? "Watch here instead" : "Load the page anew", () => {
      if (why !== "replaced") return location.reload();
      this.meter.state = "connecting";
      this.#socket.open();
      return this.#screen.play();
    });
  }

  #close(words) {
    this.#screen.pause();
    this.#screen.clear();
    fill(this.warning);
    this.stop.remove();
    this.controls.setAttribute("inert", "");
    this.stage.setAttribute("aria-label", words);
  }

  #cover(words, button, action) {
    const press = h("button", { class: "button button-big", type: "button" }, icon("play"), button);
    const cover = h("div", { class: "stage-cover" }, h("p", {}, words), press);
    press.addEventListener("click", () => {
      cover.remove();
      action();
    });
    this.stage.append(cover);
  }

  async #showBalance() {
    const wallet = await get("/payments/wallet/balance").catch(() => null); // the meter does without it
    this.meter.balance = wallet?.available ?? null;
  }

  #keep() {
    if (this.#screen.position)
      keepPlace(this.#course.id, this.#videoId, this.#screen.state === "ended" ? 0 : this.#screen.position);
  }
}
