"""Build the demo lecture: a narrated slide video, its captions and its description.

Run it by path: ``python murph/demo/world/build_lecture.py [folder]``. It needs ffmpeg (with libx264),
espeak-ng and the DejaVu fonts, and writes ``lecture.mp4``, ``lecture.en.vtt`` and ``lecture.json``.
Every spoken sentence becomes a sound file first; its measured length sets captions and slide times.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass, field
from pathlib import Path

WIDTH, HEIGHT, FPS, KEYFRAME_S = 640, 360, 24, 2
LEAD_S, GAP_S, TAIL_S, FADE_S = 0.5, 0.35, 0.5, 0.4
MARGIN = 48
BACKGROUND, INK, ACCENT, SOFT = "0x10212E", "0xF4F1E8", "0xFFC857", "0x8FB8CC"
FONT_DIR = Path("/usr/share/fonts/truetype/dejavu")
REGULAR, BOLD = FONT_DIR / "DejaVuSans.ttf", FONT_DIR / "DejaVuSans-Bold.ttf"
VOICE, WORDS_PER_MINUTE = "en-us", 162


class BuildError(Exception):
    """A problem that the person running the script can put right."""


@dataclass(frozen=True)
class Line:
    """A row of text on a slide; it appears when sentence number ``cue`` begins."""

    text: str
    y: int
    cue: int = 0
    size: int = 30
    colour: str = INK
    bold: bool = False
    x: str = str(MARGIN)


@dataclass(frozen=True)
class Bar:
    """A filled rectangle of a chart, standing on ``base``."""

    x: int
    height: int
    colour: str
    cue: int = 0
    width: int = 56
    base: int = 298


@dataclass(frozen=True)
class Slide:
    """One idea: a heading, what is drawn under it, and the sentences spoken over it."""

    heading: str
    lines: tuple[Line, ...]
    speech: tuple[str, ...]
    lecture: str = ""
    bars: tuple[Bar, ...] = ()


@dataclass
class Timed:
    """A slide with its measured times; ``cues`` holds begin and end of each sentence."""

    slide: Slide
    start_s: int
    end_s: int = 0
    cues: list[tuple[float, float]] = field(default_factory=list)


TITLE = "Compound interest, step by step"
ABOUT: dict[str, object] = {
    "title": TITLE,
    "description": "A short narrated lesson on how money grows when interest earns interest: three years "
    "worked out by hand, the formula, the effect of time, and the rule of 72.",
    "category": "Mathematics",
    "tags": ["compound interest", "percentages", "exponential growth", "rule of 72", "personal finance"],
    "level": "beginner",
    "language": "en",
    "price_per_minute_minor": 300,
}


def chart_label(text: str, x: int, y: int, cue: int, colour: str = INK) -> Line:
    """A small centred label around the horizontal position ``x``."""
    return Line(text, y, cue, 20, colour, x=f"{x}-text_w/2")


def chart() -> tuple[tuple[Bar, ...], tuple[Line, ...]]:
    """Simple against compound growth of 1,000 at 5 percent, at 10, 20 and 30 years."""
    bars: list[Bar] = []
    lines = [Line("simple", 92, 0, 19, SOFT, True), Line("compound", 92, 0, 19, ACCENT, True, "146")]
    for number, years in enumerate((10, 20, 30)):
        left = 74 + number * 180
        for offset, colour, amount in (
            (0, SOFT, 1000 + 50 * years),
            (68, ACCENT, 1000 * 1.05**years),
        ):
            height = round(amount / 25)
            bars.append(Bar(left + offset, height, colour, number))
            lines.append(chart_label(f"{amount:,.0f}", left + offset + 28, 298 - height - 24, number, colour))
        lines.append(chart_label(f"{years} years", left + 62, 308, number))
    return tuple(bars), tuple(lines)


CHART_BARS, CHART_LINES = chart()

SLIDES: tuple[Slide, ...] = (
    Slide(
        "Compound interest",
        (
            Line("step by step", 164, 0, 34, ACCENT),
            Line("1,000 euros  ·  5 percent a year", 236, 1, 26, SOFT),
        ),
        (
            "Welcome. In this short lesson we look at compound interest, step by step.",
            "Our example is 1,000 euros that earn 5 percent a year.",
        ),
        "Interest on interest",
    ),
    Slide(
        "Simple interest",
        (
            Line("5% of 1,000 = 50", 126, 0, 36, INK, True),
            Line("50 more, every year", 190, 1),
            Line("10 years:  1,000 + 500 = 1,500", 246, 2, 28, ACCENT),
        ),
        (
            "First, simple interest. Five percent of 1,000 is 50.",
            "You receive the same 50 euros every year.",
            "After 10 years you have 1,500 euros.",
        ),
    ),
    Slide(
        "Now leave it in",
        (
            Line("Year 1:  1,000.00 × 1.05 = 1,050.00", 126, 0, 26),
            Line("Year 2:  1,050.00 × 1.05 = 1,102.50", 180, 1, 26),
            Line("The extra 2.50 is interest on interest", 246, 2, 25, ACCENT),
        ),
        (
            "Now leave the interest in the account. After year 1 you hold 1,050 euros.",
            "In year 2 the whole 1,050 earns 5 percent. You now hold 1,102 euros and 50 cents.",
            "The extra 2 euros 50 is interest earned on interest.",
        ),
    ),
    Slide(
        "A pattern appears",
        (
            Line("1,000 × 1.05 × 1.05 × 1.05", 126, 0, 32),
            Line("= 1,000 × 1.05³", 180, 1, 32),
            Line("= 1,157.63 (rounded)", 240, 2, 32, ACCENT, True),
        ),
        (
            "Each year multiplies the balance by 1.05.",
            "Three years means 1.05 to the power of 3.",
            "That gives 1,157 euros and 63 cents, rounded to the cent.",
        ),
        "From pattern to formula",
    ),
    Slide(
        "The formula",
        (
            Line("A = P × (1 + r)ⁿ", 114, 0, 46, ACCENT, True, "(w-text_w)/2"),
            Line("P = the amount at the start", 196, 1, 25),
            Line("r = the rate per year (5% is 0.05)", 236, 2, 25),
            Line("n = the number of years", 276, 3, 25),
        ),
        (
            "So the amount A equals P times 1 plus r, to the power of n.",
            "P is the amount you start with.",
            "r is the yearly rate, written as a decimal. Five percent is 0.05.",
            "And n is the number of years.",
        ),
    ),
    Slide(
        "Ten years",
        (
            Line("1,000 × 1.05¹⁰ = 1,628.89", 130, 0, 36, INK, True),
            Line("simple interest:  1,500.00", 196, 1, 28, SOFT),
            Line("difference:  128.89", 246, 2, 30, ACCENT),
        ),
        (
            "For 10 years the formula gives 1,628 euros and 89 cents.",
            "Simple interest gave 1,500.",
            "Compounding added almost 129 euros more.",
        ),
    ),
    Slide(
        "Time does the work",
        CHART_LINES,
        (
            "Watch the gap grow. At 10 years it is small.",
            "At 20 years compound growth leads by about 650 euros.",
            "At 30 years it has reached 4,322 euros, against 2,500 with simple interest.",
        ),
        "Time and the rule of 72",
        CHART_BARS,
    ),
    Slide(
        "The rule of 72",
        (
            Line("years to double ≈ 72 ÷ rate", 126, 0, 33, ACCENT, True),
            Line("5%:  72 ÷ 5 = 14.4 years", 196, 1),
            Line("exact answer:  about 14.2 years", 246, 2, 28, SOFT),
        ),
        (
            "Here is a useful shortcut. Divide 72 by the rate in percent to estimate the years to double.",
            "At 5 percent that is 14.4 years.",
            "The exact answer is about 14.2, so the estimate is close.",
        ),
    ),
    Slide(
        "It works for debt too",
        (
            Line("a debt at 18% a year", 126, 0, 34, INK, True),
            Line("72 ÷ 18 = 4", 186, 1, 34),
            Line("unpaid, it doubles in about 4 years", 250, 1, 28, ACCENT),
        ),
        (
            "The same rule works against you. Take a debt at 18 percent a year.",
            "72 divided by 18 is 4. Left unpaid, it doubles in about 4 years.",
        ),
    ),
    Slide(
        "Your turn",
        (
            Line("2,000 euros,  3% a year,  5 years", 126, 0, 30),
            Line("A = 2,000 × 1.03⁵", 186, 1, 34),
            Line("= 2,318.55", 244, 2, 38, ACCENT, True),
        ),
        (
            "Your turn. You save 2,000 euros at 3 percent for 5 years. How much will you have?",
            "Put the numbers in: 2,000 times 1.03 to the power of 5.",
            "The answer is 2,318 euros and 55 cents.",
        ),
        "Practice and summary",
    ),
    Slide(
        "To remember",
        (
            Line("1   Interest earns interest", 126, 0, 30),
            Line("2   A = P × (1 + r)ⁿ", 184, 1, 30),
            Line("3   Time counts: start early", 242, 2, 30, ACCENT),
        ),
        (
            "Three things to remember. Interest earns interest.",
            "The amount is P times 1 plus r to the power of n.",
            "And time sits in the exponent, so starting early helps. Thank you for watching.",
        ),
    ),
)


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
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    try:
        sys.stdout.write(f"lecture of {build(target)} seconds written to {target}\n")
    except BuildError as problem:
        sys.stderr.write(f"build_lecture: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
