/* One side of the pair: its picture out of the video, its skeleton, its time. */

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

class Pane {
  /* side: the data of one side; left: where its picture begins in the video, null without one. */
  constructor(figure, side, left) {
    this.side = side;
    this.left = left;
    this.canvas = figure.querySelector("canvas");
    this.badge = figure.querySelector(".badge");
    this.clock = figure.querySelector(".clock");
    this.points = new Int16Array(bytesOf(side.points).buffer);
    this.scores = bytesOf(side.scores);
    figure.querySelector(".name").textContent = side.name;
    figure.querySelector("figcaption").title = side.name;
    figure.style.flex = String(side.size[0] / side.size[1]);
    // Lines are drawn at twice the panel's size, for dense screens.
    this.canvas.width = 2 * side.size[0];
    this.canvas.height = 2 * side.size[1];
    this.brush = this.canvas.getContext("2d");
  }

  draw(tick, picture, skeleton, held) {
    const [width, height] = this.side.size;
    this.brush.setTransform(2, 0, 0, 2, 0, 0);
    this.brush.globalAlpha = 1;
    this.brush.fillStyle = "#fff";
    this.brush.fillRect(0, 0, width, height);
    if (this.left !== null) {
      this.brush.drawImage(picture, this.left, 0, width, height, 0, 0, width, height);
    }
    if (skeleton || this.left === null) this.drawPose(this.side, this.points, this.scores, tick, null);
    if (held) {
      this.brush.globalAlpha = 0.6;
      this.brush.fillStyle = "#fff";
      this.brush.fillRect(0, 0, width, height);
    }
    this.badge.hidden = !held;
    const frame = this.side.frame[tick];
    const text = `${(frame / this.side.fps).toFixed(2)} s · frame ${frame} of ${this.side.frames - 1}`;
    this.clock.textContent = text;
    this.canvas.setAttribute("aria-label", `${this.side.name}, ${text}`);
  }

  /* Another pane's pose over this one; place = [scale x, scale y, shift x, shift y]. */
  drawGhost(pane, place, tick, colour) {
    this.brush.setTransform(2 * place[0], 0, 0, 2 * place[1], 2 * place[2], 2 * place[3]);
    this.drawPose(pane.side, pane.points, pane.scores, tick, colour, 1 / Math.abs(place[0]));
  }

  drawPose(side, points, scores, tick, colour, unit = 1) {
    const first = side.index[tick] * side.joints;
    const at = (joint) => [points[2 * (first + joint)] / 8, points[2 * (first + joint) + 1] / 8];
    const score = (joint) => scores[first + joint] / 255;
    const solid = (found) => (colour ? 0.85 : 0.15 + 0.85 * found * found);
    this.brush.lineWidth = 3 * unit;
    this.brush.lineCap = "round";
    side.limbs.forEach(([a, b], limb) => {
      const found = Math.min(score(a), score(b));
      if (found === 0) return;
      this.brush.globalAlpha = solid(found);
      this.brush.strokeStyle = colour || side.limbColours[limb];
      this.brush.beginPath();
      this.brush.moveTo(...at(a));
      this.brush.lineTo(...at(b));
      this.brush.stroke();
    });
    for (let joint = 0; joint < side.joints; joint++) {
      if (score(joint) === 0) continue;
      this.brush.globalAlpha = solid(score(joint));
      this.brush.fillStyle = colour || side.jointColours[joint];
      this.brush.beginPath();
      this.brush.arc(...at(joint), 3.5 * unit, 0, 2 * Math.PI);
      this.brush.fill();
    }
    this.brush.globalAlpha = 1;
  }
}
