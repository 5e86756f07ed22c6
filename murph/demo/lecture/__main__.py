"""Build the demo lecture: a narrated slide video, its captions and its description.

``python -m murph.demo.lecture [folder]`` writes ``lecture.mp4``, ``lecture.en.vtt`` and ``lecture.json``.
It needs ffmpeg (with libx264), espeak-ng and the DejaVu fonts. Every spoken sentence becomes a sound
file first; its measured length sets captions and slide times.
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass, field
from pathlib import Path

from murph.demo.lecture.slides import ABOUT, ACCENT, BACKGROUND, INK, SLIDES, Bar, Line, Slide

WIDTH, HEIGHT, FPS, KEYFRAME_S = 640, 360, 24, 2
LEAD_S, GAP_S, TAIL_S, FADE_S = 0.5, 0.35, 0.5, 0.4
FONT_DIR = Path("/usr/share/fonts/truetype/dejavu")
REGULAR, BOLD = FONT_DIR / "DejaVuSans.ttf", FONT_DIR / "DejaVuSans-Bold.ttf"
VOICE, WORDS_PER_MINUTE = "en-us", 162


class BuildError(Exception):
    """A problem that the person running the script can put right."""


@dataclass
class Timed:
    """A slide with its measured times; ``cues`` holds begin and end of each sentence."""

    slide: Slide
    start_s: int
    end_s: int = 0
    cues: list[tuple[float, float]] = field(default_factory=list)


def run(command: list[str]) -> None:
    """Run a program without a shell; a failure becomes a readable error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()[-800:]}")


def check_tools() -> None:
    """Stop early, with advice, when a program or a font is missing."""
    missing = [name for name in ("ffmpeg", "espeak-ng") if shutil.which(name) is None]
    if missing:
        raise BuildError(
            f"missing program: {', '.join(missing)} (Debian: apt-get install {' '.join(missing)})"
        )
    for font in (REGULAR, BOLD):
        if not font.is_file():
            raise BuildError(f"missing font: {font} (Debian: apt-get install fonts-dejavu-core)")


def speak(text: str, target: Path) -> tuple[int, bytes]:
    """Speak a sentence into a sound file; give back its sample rate and 16 bit mono samples."""
    run(["espeak-ng", "-v", VOICE, "-s", str(WORDS_PER_MINUTE), "-w", str(target), text])
    with wave.open(str(target), "rb") as sound:
        if sound.getnchannels() != 1 or sound.getsampwidth() != 2:
            raise BuildError("espeak-ng gave an unexpected sound format")
        return sound.getframerate(), trim(sound.readframes(sound.getnframes()))


def trim(samples: bytes) -> bytes:
    """Cut the silence that the speech program leaves at the end."""
    end = len(samples)
    while end > 2 and abs(int.from_bytes(samples[end - 2 : end], "little", signed=True)) < 60:
        end -= 2
    return samples[:end]


def narrate(folder: Path) -> list[Timed]:
    """Speak all slides into ``narration.wav`` and give back their times."""
    track, rate, plan, now = bytearray(), 0, list[Timed](), 0
    for number, slide in enumerate(SLIDES):
        timed = Timed(slide, now)
        clock = now + LEAD_S
        for position, sentence in enumerate(slide.speech):
            rate, samples = speak(sentence, folder / f"s{number}_{position}.wav")
            pad(track, clock, rate)
            track += samples
            length = len(samples) / 2 / rate
            timed.cues.append((clock, clock + length))
            clock += length + GAP_S
        now = timed.end_s = math.ceil((clock + TAIL_S) / KEYFRAME_S) * KEYFRAME_S
        plan.append(timed)
    pad(track, now, rate)
    save_wave(folder / "narration.wav", bytes(track), rate)
    return plan


def pad(track: bytearray, until_s: float, rate: int) -> None:
    """Fill the track with silence up to a moment."""
    track.extend(bytes(max(0, 2 * round(until_s * rate) - len(track))))


def save_wave(target: Path, samples: bytes, rate: int) -> None:
    """Write mono 16 bit samples as a wave file."""
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples)


def draw_line(line: Line, timed: Timed, textfile: Path) -> str:
    """The ffmpeg filter that shows a line of text; later cues fade in."""
    textfile.write_text(line.text, encoding="utf-8")
    begin = timed.cues[line.cue][0] if line.cue else timed.start_s
    fade = f":alpha='clip((t-{begin:.3f})/{FADE_S},0,1)'" if line.cue else ""
    return (
        f"drawtext=fontfile={BOLD if line.bold else REGULAR}:textfile={textfile}:expansion=none"
        f":fontsize={line.size}:fontcolor={line.colour}:x={line.x}:y={line.y}+{line.size}-ascent"
        f"{fade}:enable='gte(t,{begin:.3f})*lt(t,{timed.end_s})'"
    )


def draw_bar(bar: Bar, timed: Timed) -> str:
    """The ffmpeg filter that shows a bar of a chart from its cue on."""
    begin = timed.cues[bar.cue][0] if bar.cue else timed.start_s
    return (
        f"drawbox=x={bar.x}:y={bar.base - bar.height}:w={bar.width}:h={bar.height}:color={bar.colour}:t=fill"
        f":enable='gte(t,{begin:.3f})*lt(t,{timed.end_s})'"
    )


def slide_filters(timed: Timed, number: int, folder: Path) -> list[str]:
    """All filters of one slide: bars, heading, lines."""
    slide = timed.slide
    first = number == 0
    heading = Line(slide.heading, 100 if first else 42, 0, 46 if first else 34, INK, True)
    filters = [draw_bar(bar, timed) for bar in slide.bars]
    for position, line in enumerate((heading, *slide.lines)):
        filters.append(draw_line(line, timed, folder / f"t{number}_{position}.txt"))
    return filters


def picture_graph(plan: list[Timed], folder: Path) -> str:
    """The whole filter graph: slides, then a progress line sliding in from the left."""
    total = plan[-1].end_s
    filters = [f"drawbox=x=0:y={HEIGHT - 6}:w={WIDTH}:h=6:color=0x24404F:t=fill"]
    for number, timed in enumerate(plan):
        filters += slide_filters(timed, number, folder)
    return (
        f"[0:v]{','.join(filters)}[slides];[slides][1:v]overlay=x='-{WIDTH}+{WIDTH}*t/{total}'"
        f":y={HEIGHT - 6}:shortest=1,format=yuv420p[v];"
        "[2:a]highpass=f=80,loudnorm=I=-18:TP=-2,aresample=44100[a]"
    )


def colour_source(colour: str, width: int, height: int, seconds: int) -> list[str]:
    """Input arguments of a plain coloured picture."""
    return ["-f", "lavfi", "-i", f"color=c={colour}:s={width}x{height}:r={FPS}:d={seconds}"]


def render(plan: list[Timed], folder: Path, target: Path) -> None:
    """Draw the slides, encode picture and sound, and put the index in front."""
    total, gop = plan[-1].end_s, str(FPS * KEYFRAME_S)
    graph = folder / "graph.txt"
    graph.write_text(picture_graph(plan, folder), encoding="utf-8")
    inputs = [*colour_source(BACKGROUND, WIDTH, HEIGHT, total), *colour_source(ACCENT, WIDTH, 6, total)]
    video = ["-c:v", "libx264", "-profile:v", "main", "-preset", "slow", "-crf", "27", "-tune", "stillimage"]
    video += ["-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
    sound = ["-c:a", "aac", "-b:a", "56k", "-ac", "1", "-ar", "44100"]
    finish = ["-t", str(total), "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"]
    sources = [*inputs, "-i", str(folder / "narration.wav")]
    mapping = ["-filter_complex_script", str(graph), "-map", "[v]", "-map", "[a]"]
    encoding = [*mapping, *video, *sound, *finish]
    run(["ffmpeg", "-y", "-v", "error", *sources, *encoding, str(target)])


def stamp(seconds: float) -> str:
    """A WebVTT time such as 00:01:02.345."""
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def captions(plan: list[Timed]) -> str:
    """The WebVTT captions, one cue per spoken sentence."""
    blocks = ["WEBVTT"]
    for timed in plan:
        for sentence, (begin, end) in zip(timed.slide.speech, timed.cues, strict=True):
            blocks.append(f"{len(blocks)}\n{stamp(begin)} --> {stamp(end)}\n{sentence}")
    return "\n\n".join(blocks) + "\n"


def lectures(plan: list[Timed]) -> list[dict[str, object]]:
    """The lectures: each begins at a slide that names one and lasts until the next."""
    starts = [timed for timed in plan if timed.slide.lecture]
    ends = [timed.start_s for timed in starts[1:]] + [plan[-1].end_s]
    return [
        {"title": timed.slide.lecture, "start_s": timed.start_s, "end_s": end}
        for timed, end in zip(starts, ends, strict=True)
    ]


def build(target: Path) -> int:
    """Make the three files in a folder; give back the length in seconds."""
    check_tools()
    with tempfile.TemporaryDirectory() as scratch:
        plan = narrate(Path(scratch))
        render(plan, Path(scratch), target / "lecture.mp4")
    about = {**ABOUT, "lectures": lectures(plan), "duration_s": plan[-1].end_s}
    (target / "lecture.en.vtt").write_text(captions(plan), encoding="utf-8")
    (target / "lecture.json").write_text(
        json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return plan[-1].end_s


def main() -> int:
    """Command line entry: an optional folder, by default the one of this file."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "world"
    try:
        sys.stdout.write(f"lecture of {build(target)} seconds written to {target}\n")
    except BuildError as problem:
        sys.stderr.write(f"lecture: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
