/** A player as a front end would write it: hls.js for the picture, a WebSocket for the meter. */
import Hls from "/vendor/hls.light.min.mjs";

const video = document.getElementById("video");
const seen = { fatal: null, acks: 0, creditedSeconds: 0, ended: null, stalledMs: 0 };

/** Keys are refused while the meter is behind: wait for it. Anything else than that is final. */
const patientForKeys = {
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

window.play = async ({ url, socketUrl, token, ticks, rate }) => {
  const hls = new Hls({
    maxBufferLength: 20,
    maxMaxBufferLength: 24,
    backBufferLength: 30,
    keyLoadPolicy: patientForKeys,
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) seen.fatal = String(data.response?.code ?? data.details);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  if (ticks) meter(socketUrl, token, rate);
  video.playbackRate = video.defaultPlaybackRate = rate;
  await video.play();
  video.playbackRate = rate;
};

function meter(socketUrl, token, rate) {
  const socket = new WebSocket(socketUrl);
  let seq = 0;
  let playedMs = 0;
  let lastPosition = 0;
  socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token }));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "ready") setInterval(tick, 1000);
    if (message.type === "ack") {
      seen.acks += 1;
      seen.creditedSeconds = message.used_seconds;
    }
    if (message.type === "ended") seen.ended = message.reason;
  };
  const tick = () => {
    const watched = Math.max(0, video.currentTime - lastPosition);
    lastPosition = video.currentTime;
    playedMs += Math.round((watched * 1000) / rate);
    seq += 1;
    const state = watched > 0 ? "playing" : "buffering";
    const position = Math.round(video.currentTime * 1000);
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type: "tick", seq, played_ms: playedMs, state, position_ms: position, rate }));
    }
  };
}

window.look = () => ({ position: video.currentTime, ended: video.ended, ...seen, over: seen.ended });
