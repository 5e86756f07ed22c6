/** How long something has really been played, by the clock of this machine. */

const LOOK_EVERY_MS = 250;
const MORE_THAN_PLAYING = 1.5; // a position that moved further than this has been sought
const LEEWAY_S = 0.4;

/** Counts while the position of a screen moves as playing moves it. */
export class Stopwatch {
  #screen;
  #playedMs = 0;
  #lastAt = performance.now();
  #lastPosition = 0;

  /** @param {() => {position: number, rate: number}} screen the screen of the moment */
  constructor(screen) {
    this.#screen = screen;
    setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The milliseconds played since the last start. @returns {number} */
  read() {
    this.#look();
    return Math.floor(this.#playedMs);
  }

  /** Begin again at zero. */
  restart() {
    this.#look();
    this.#playedMs = 0;
  }

  #look() {
    const { position, rate } = this.#screen();
    const now = performance.now();
    const passedMs = now - this.#lastAt;
    const movedS = position - this.#lastPosition;
    const isPlaying = movedS > 0 && movedS <= ((passedMs * rate) / 1000) * MORE_THAN_PLAYING + LEEWAY_S;
    if (isPlaying) this.#playedMs += Math.min(passedMs, (movedS * 1000) / rate);
    [this.#lastAt, this.#lastPosition] = [now, position];
  }
}
