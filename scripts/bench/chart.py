"""Draws what scripts/bench/measure.py has measured as SVG: bars, shorter is better."""

from report import CONTENDERS, column

COLOURS = {"pooltable": "#1f6feb", "floor": "#8b949e", "go": "#56b6c2", "node": "#6aa84f", "python": "#e0a030"}
WIDTH, LEFT, BAR_LEFT, BAR_WIDTH, ROW, GROUP_GAP = 760, 20, 110, 520, 20, 44


def groups(results):
    """What a user of the function waits or pays for: a title, the figures by contender, their unit."""
    start, unchanged = results["cold"]["plain"], results["warm"]["unchanged user, plain"]
    memory = {name: value / 1000 for name, value in column(unchanged, "peak_kb").items()}
    return [
        ("Cold start: exec to first answer", column(start, "answer_ms"), "ms"),
        ("Warm answer: p50, unchanged user", column(unchanged, "p50_us"), "µs"),
        ("CPU time per event, unchanged user", column(unchanged, "cpu_us"), "µs"),
        ("Peak resident memory", memory, "MB"),
    ]


def write(results, path):
    """Writes the chart; the bars of each group are relative to the group's longest."""
    out, y = [], 76
    for title, values, unit in groups(results):
        out.append(f'<text x="{LEFT}" y="{y}" font-weight="bold">{title}</text>')
        y += 10
        largest = max(values.values())
        for name, label in CONTENDERS.items():
            width = BAR_WIDTH * values[name] / largest
            out.append(f'<text x="{BAR_LEFT - 8}" y="{y + 13}" text-anchor="end">{label}</text>')
            out.append(f'<rect x="{BAR_LEFT}" y="{y + 2}" width="{width:.1f}" height="{ROW - 5}" fill="{COLOURS[name]}"/>')
            number = f"{values[name]:,.1f}" if values[name] < 100 else f"{values[name]:,.0f}"
            out.append(f'<text x="{BAR_LEFT + width + 6:.1f}" y="{y + 13}">{number} {unit}</text>')
            y += ROW
        y += GROUP_GAP - ROW + 8
    height = y - 10
    origin = f'{results["machine"]}, {results["date"]}' + (", a quick run" if results["quick"] else "")
    body = "\n".join(out)
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
            f' viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13" fill="#1f2328">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
            f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">Shorter is better</text>\n'
            f'<text x="{LEFT}" y="44" fill="#59636e">{origin}</text>\n'
            f"{body}\n</svg>\n")
