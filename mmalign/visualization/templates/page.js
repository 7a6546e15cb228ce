/* The page: one pair at a time, its parts tied to one clock. */

const pairs = JSON.parse(document.getElementById("data").textContent);
const part = (id) => document.getElementById(id);
let view = null;

class View {
  constructor(pair) {
    this.pair = pair;
    this.ticks = pair.kind.length;
    const left = pair.video ? pair.video.left : [null, null];
    this.panes = [...document.querySelectorAll("figure")].map(
      (figure, side) => new Pane(figure, pair.sides[side], left[side]));
    const ratios = pair.sides.map((side) => side.size[0] / side.size[1]);
    part("stage").classList.toggle("wide", Math.max(...ratios) > 1);
    // Both panes have one height: at most so much of the window.
    part("stage").style.paddingInline = `max(0.5rem, (100% - ${ratios[0] + ratios[1]} * 58vh) / 2)`;
    this.tracks = new Tracks(part("tracks"), pair);
    this.matrix = new Matrix(part("matrix"), pair, (tick) => this.seek(tick));
    part("scrubber").max = this.ticks - 1;
    part("unrelated").hidden = pair.same;
    part("ghost").disabled = !pair.ghost;
    part("skeleton").parentElement.hidden = left.every((place) => place === null);
    document.querySelectorAll(".kind").forEach((entry, kind) => {
      entry.hidden = !pair.kind.includes(kind);
    });
    const shown = this.ticks / pair.fps;
    part("cut").hidden = shown > pair.seconds - 0.001;
    part("cut").textContent = `The first ${shown.toFixed(0)} s of ${pair.seconds.toFixed(0)} s are in this page.`;
    this.list();
    const heard = [(tick) => this.draw(tick), (playing) => this.tell(playing)];
    if (pair.video) {
      this.film = document.createElement("video");
      Object.assign(this.film, { muted: true, playsInline: true, preload: "auto", className: "film" });
      this.film.tabIndex = -1;
      this.film.setAttribute("aria-hidden", "true");
      document.body.append(this.film);
      this.clock = new VideoClock(this.film, this.ticks, pair.fps, ...heard);
      this.film.src = URL.createObjectURL(new Blob([bytesOf(pair.video.content)], { type: "video/mp4" }));
    } else this.clock = new TimerClock(this.ticks, pair.fps, ...heard);
    this.clock.rate = Number(part("speed").value);
    this.clock.loop = part("loop").checked;
    this.tell(false);
  }

  draw(tick) {
    this.shown = tick;
    const kind = this.pair.kind[tick];
    this.panes.forEach((pane, side) => {
      // A side is held while the other one is alone.
      const held = kind === 2 - side;
      pane.draw(tick, this.clock.picture, part("skeleton").checked, held);
    });
    if (part("ghost").checked && this.pair.ghost && kind === 0) {
      this.panes[0].drawGhost(this.panes[1], this.pair.ghost, tick, "#a21caf");
    }
    this.tracks.draw(tick);
    this.matrix.draw(tick);
    part("scrubber").value = tick;
    part("scrubber").setAttribute("aria-valuetext", this.describe(tick));
  }

  describe(tick) {
    const at = this.pair.sides.map((side) => `${(side.frame[tick] / side.fps).toFixed(2)} s`);
    const texts = [
      `reference ${at[0]}, other ${at[1]}, confidence ${this.pair.confidence[tick].toFixed(2)}`,
      `reference ${at[0]}, no counterpart`, `other ${at[1]}, no counterpart`,
      `reference ${at[0]}, other ${at[1]}, not aligned`];
    return texts[this.pair.kind[tick]];
  }

  tell(playing) {
    part("play").classList.toggle("playing", playing);
    part("play").setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  seek(tick) { this.clock.seek(Math.max(0, Math.min(this.ticks - 1, tick))); }

  step(ticks) {
    this.clock.pause();
    this.seek(this.clock.tick + ticks);
    part("status").textContent = this.describe(this.clock.tick);
  }

  toggle() { this.clock.playing ? this.clock.pause() : this.clock.play(); }

  /* The tick at which a moment of one side is shown. */
  find(seconds, side) {
    const frame = seconds * this.pair.sides[side].fps;
    const frames = this.pair.sides[side].frame;
    const alone = 2 - side;
    let best = 0;
    frames.forEach((shown, tick) => {
      const far = (t) => Math.abs(frames[t] - frame) + (this.pair.kind[t] === alone ? 0.4 : 0);
      if (far(tick) < far(best)) best = tick;
    });
    return best;
  }

  jump(text, tick) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.onclick = () => this.seek(tick);
    return button;
  }

  list() {
    const { pair } = this;
    part("facts").replaceChildren(...pair.facts.flatMap((fact) => fact.map((text, column) => {
      const cell = document.createElement(column ? "dd" : "dt");
      cell.textContent = text;
      return cell;
    })));
    const executions = runsOf(pair.repetition).filter((run, number, all) =>
      run.value >= 0 && all.findIndex((other) => other.value === run.value) === number);
    part("repetitions").hidden = executions.length < 2;
    part("repetitions").querySelector(".chips").replaceChildren(...executions.map((run) => {
      const at = pair.sides[1].frame[run.start] / pair.sides[1].fps;
      return this.jump(`${run.value + 1}: from ${at.toFixed(1)} s`, run.start);
    }));
    part("deviations").hidden = !pair.deviations.length;
    part("deviations").querySelector("tbody").replaceChildren(...pair.deviations.map((found) => {
      const row = document.createElement("tr");
      const side = found.other_seconds === null ? 0 : 1;
      const seconds = side ? found.other_seconds : found.reference_seconds;
      const cells = [0, 1, 2].map(() => row.insertCell());
      if (seconds !== null) {
        const name = side ? "other" : "reference";
        cells[0].append(this.jump(`${seconds.toFixed(2)} s (${name})`, this.find(seconds, side)));
      }
      cells[1].textContent = found.kind;
      cells[2].textContent = found.text;
      return row;
    }));
  }
}

function choose(number) {
  if (view) view.clock.close();
  view = new View(pairs[number]);
}

function redraw() { if (view.shown !== undefined) view.draw(view.shown); }

pairs.forEach((pair, number) => part("pair").add(new Option(pair.sides[1].name, number)));
part("chooser").hidden = pairs.length < 2;
part("pair").onchange = () => choose(Number(part("pair").value));
part("play").onclick = () => view.toggle();
part("back").onclick = () => view.step(-1);
part("forward").onclick = () => view.step(1);
part("speed").onchange = () => { view.clock.rate = Number(part("speed").value); };
part("loop").onchange = () => { view.clock.loop = part("loop").checked; };
part("skeleton").onchange = redraw;
part("ghost").onchange = redraw;
part("scrubber").oninput = () => view.seek(Number(part("scrubber").value));
part("scrubber").onpointerdown = () => view.clock.pause();

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("select")) return;
  const pressed = {
    ArrowLeft: () => view.step(event.shiftKey ? -10 : -1),
    ArrowRight: () => view.step(event.shiftKey ? 10 : 1),
    Home: () => view.step(-view.ticks),
    End: () => view.step(view.ticks),
    s: () => part("skeleton").click(),
    g: () => part("ghost").click(),
  }[key.length === 1 ? key.toLowerCase() : key];
  if (pressed) pressed();
  // On a button or a box, the space bar presses that.
  else if (key === " " && !target.matches("button, [type=checkbox]")) view.toggle();
  else return;
  event.preventDefault();
});

choose(0);
