/* Bars under the scrubber: what matches, the phases of both sides, the confidence. */

const KINDS = ["both", "alone-reference", "alone-other", "unrelated"];

/* Intervals [start, end) of ticks with equal values. */
function runsOf(values) {
  const runs = [];
  values.forEach((value, tick) => {
    const last = runs[runs.length - 1];
    if (last && last.value === value) last.end = tick + 1;
    else runs.push({ start: tick, end: tick + 1, value });
  });
  return runs;
}

class Tracks {
  constructor(box, pair) {
    this.last = Math.max(1, pair.kind.length - 1);
    this.needles = [];
    box.querySelectorAll(".label, .bar").forEach((old) => old.remove());
    const match = this.addBar(box, "Match");
    for (const run of runsOf(pair.kind.map((kind, tick) => `${kind} ${pair.repetition[tick]}`))) {
      const [kind, repetition] = run.value.split(" ").map(Number);
      const many = repetition >= 0 && new Set(pair.repetition).size > 2;
      this.addSpan(match, run.start, run.end, many ? String(repetition + 1) : "", KINDS[kind]);
    }
    pair.sides.forEach((side, number) => {
      if (!side.phases.length) return;
      const bar = this.addBar(box, number ? "Other" : "Reference");
      for (const phase of side.phases) {
        this.addSpan(bar, phase.start, phase.end, phase.name, "").style.background = phase.colour;
      }
    });
    this.addCurve(this.addBar(box, "Confidence"), pair.confidence);
  }

  addBar(box, name) {
    const label = document.createElement("span");
    label.className = "label";
    label.textContent = name;
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.setAttribute("aria-hidden", "true");
    const needle = document.createElement("i");
    needle.className = "now";
    bar.append(needle);
    this.needles.push(needle);
    box.append(label, bar);
    return bar;
  }

  /* Ticks are points on the scrubber: an interval reaches half a tick to either side. */
  addSpan(bar, start, end, text, style) {
    const span = document.createElement("span");
    const left = Math.max(0, start - 0.5) / this.last;
    const right = Math.min(this.last, end - 0.5) / this.last;
    span.className = style;
    span.style.left = `${100 * left}%`;
    span.style.width = `${100 * (right - left)}%`;
    span.textContent = text;
    span.title = text;
    bar.append(span);
    return span;
  }

  addCurve(bar, values) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", `0 0 ${this.last} 1`);
    svg.setAttribute("preserveAspectRatio", "none");
    const area = document.createElementNS(space, "polygon");
    const points = values.map((value, tick) => `${tick},${(1 - value).toFixed(3)}`);
    area.setAttribute("points", `0,1 ${points.join(" ")} ${this.last},1`);
    area.setAttribute("fill", "#8a94a3");
    svg.append(area);
    bar.append(svg);
  }

  draw(tick) {
    for (const needle of this.needles) needle.style.left = `${100 * tick / this.last}%`;
  }
}
