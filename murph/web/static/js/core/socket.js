/** The meter's socket: it says who is watching, reports, hears what is durable, and comes back after a break. */
import { accessToken, renew } from "./session.js";

const PAUSES_S = [0, 1, 2, 4, 8];
const JITTER_S = 0.5;
const CLOSEST_MS = 300; // the server takes 4 messages a second
const SIGNED_OUT = 4401;
const FINAL = { 1009: "mistaken", 4400: "mistaken", 4403: "signed-out", 4404: "unknown", 4409: "replaced" };

/**
 * @typedef {object} Report what the player does at this moment
 * @property {number} played_ms since the meter was last opened
 * @property {"playing" | "paused" | "buffering" | "ended"} state
 * @property {string} video_id
 * @property {number} position_ms
 * @property {number} rate
 */

/**
 * @typedef {object} Listener
 * @property {() => Report} look is asked for every report
 * @property {(figures: any) => void} ready the meter is open: count `played_ms` from here
 * @property {(figures: any) => void} counted so much is durable
 * @property {(reason: string, receipt: any) => void} ended
 * @property {() => void} suspended nothing can be recorded: stop playing
 * @property {() => void} lost the connection is away, and is tried again
 * @property {(why: string) => void} refused it is not tried again: "mistaken", "signed-out", "unknown", "replaced"
 */

/** A session's socket, through all its connections. */
export class SessionSocket {
  #url;
  #listener;
  #socket = null;
  #seq = 0;
  #attempt = 0;
  #timer = 0;
  #lastTickAt = 0;
  #intervalMs = 5000;
  #isReady = false;
  #isOver = false;

  /** @param {string} url @param {Listener} listener */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
    addEventListener("online", () => this.#hurry());
  }

  /** Whether the meter is open at this moment. */
  get isReady() {
    return this.#isReady;
  }

  /** Connect; a connection that breaks is made again until the session is over. */
  open() {
    this.#isOver = false;
    this.#connect();
  }

  /** Report now, or as soon as the server takes another message. */
  tick() {
    if (!this.#isReady) return;
    clearTimeout(this.#timer);
    const wait = this.#lastTickAt + CLOSEST_MS - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.tick(), wait);
    else this.#report();
  }

  /** Ask the server to end the session. @returns {boolean} whether it could be asked */
  end() {
    if (this.#isReady) this.#report();
    return this.#isReady && this.#send({ type: "end" });
  }

  /** Leave without ending the session. */
  close() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  async #connect() {
    clearTimeout(this.#timer);
    try {
      const token = await accessToken();
      if (!token) return this.#give("signed-out");
      const socket = new WebSocket(this.#url);
      this.#socket = socket;
      this.#seq = 0;
      socket.onopen = () => this.#send({ type: "auth", token });
      socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
      socket.onclose = ({ code }) => socket === this.#socket && this.#closed(code);
    } catch {
      this.#retry(); // the token could not be renewed: the server is away
    }
  }

  #report() {
    this.#lastTickAt = performance.now();
    this.#seq += 1;
    const look = this.#listener.look();
    this.#send({ type: "tick", seq: this.#seq, ...look });
    // At double speed twice as much is asked for in the same time.
    this.#timer = setTimeout(() => this.tick(), this.#intervalMs / Math.max(1, look.rate));
  }

  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  async #hear(message) {
    if (message.type === "ready") {
      this.#isReady = true;
      this.#attempt = 0;
      this.#intervalMs = message.interval_ms;
      this.#listener.ready(message);
      this.tick();
    } else if (message.type === "ack") {
      this.#intervalMs = message.interval_ms;
      this.#listener.counted(message);
    } else if (message.type === "ended") {
      this.#isOver = true;
      this.#listener.ended(message.reason, message.receipt);
    } else if (message.type === "suspend") {
      this.#listener.suspended();
    } else if (message.type === "reauth") {
      this.#send({ type: "auth", token: await renew() });
    }
  }

  #closed(code) {
    this.#isReady = false;
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    if (FINAL[code]) return this.#give(FINAL[code]);
    if (code === SIGNED_OUT)
      renew().then(
        (token) => (token ? this.#retry() : this.#give("signed-out")),
        () => this.#retry(),
      );
    else this.#retry();
  }

  #give(why) {
    this.#isOver = true;
    this.#listener.refused(why);
  }

  #retry() {
    this.#listener.lost();
    const pauseS = PAUSES_S[Math.min(this.#attempt, PAUSES_S.length - 1)] + Math.random() * JITTER_S;
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#connect(), pauseS * 1000);
  }

  #hurry() {
    if (this.#isOver || this.#isReady || this.#socket?.readyState === WebSocket.CONNECTING) return;
    this.#attempt = 0;
    this.#connect();
  }
}
