"""The script of the lecture: what each slide shows and says."""

from dataclasses import dataclass

MARGIN = 48
BACKGROUND, INK, ACCENT, SOFT = "0x10212E", "0xF4F1E8", "0xFFC857", "0x8FB8CC"


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
