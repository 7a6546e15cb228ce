/* The similarity of all pairs of frames, the alignment over it, and the frame shown as a point. */

class Matrix {
  constructor(canvas, pair, onSeek) {
    this.canvas = canvas;
    this.pair = pair;
    this.brush = canvas.getContext("2d");
    this.picture = null;
    this.tick = 0;
    const [reference, other] = pair.sides;
    this.margin = 64;
    this.size = canvas.width - this.margin - 20;
    this.x = (frame) => this.margin + (frame + 0.5) / other.frames * this.size;
    this.y = (frame) => 20 + this.size - (frame + 0.5) / reference.frames * this.size;
    if (pair.matrix) {
      const picture = new Image();
      picture.onload = () => {
        this.picture = picture;
        this.draw(this.tick);
      };
      picture.src = `data:image/png;base64,${pair.matrix}`;
    }
    canvas.onclick = (event) => {
      const unit = canvas.width / canvas.clientWidth;
      onSeek(this.nearest(event.offsetX * unit, event.offsetY * unit));
    };
  }

  nearest(x, y) {
    const [reference, other] = this.pair.sides;
    let best = 0;
    let least = Infinity;
    for (let tick = 0; tick < reference.frame.length; tick++) {
      const far = Math.hypot(this.x(other.frame[tick]) - x, this.y(reference.frame[tick]) - y);
      if (far < least) [best, least] = [tick, far];
    }
    return best;
  }

  draw(tick) {
    this.tick = tick;
    const { brush, size, margin } = this;
    const [reference, other] = this.pair.sides;
    brush.clearRect(0, 0, this.canvas.width, this.canvas.height);
    brush.fillStyle = "#f5f6f8";
    brush.fillRect(margin, 20, size, size);
    brush.imageSmoothingEnabled = false;
    if (this.picture) brush.drawImage(this.picture, margin, 20, size, size);
    this.drawAxis(other, (frame) => [this.x(frame), 20 + size + 34], "center");
    this.drawAxis(reference, (frame) => [margin - 10, this.y(frame) + 9], "right");
    this.drawCurve();
    const [x, y] = [this.x(other.frame[tick]), this.y(reference.frame[tick])];
    brush.strokeStyle = "#1c2430";
    brush.lineWidth = 1.5;
    brush.beginPath();
    brush.moveTo(margin, y);
    brush.lineTo(margin + size, y);
    brush.moveTo(x, 20);
    brush.lineTo(x, 20 + size);
    brush.stroke();
    brush.fillStyle = "#fff";
    brush.lineWidth = 5;
    brush.beginPath();
    brush.arc(x, y, 10, 0, 2 * Math.PI);
    brush.fill();
    brush.stroke();
  }

  drawCurve() {
    const { brush } = this;
    brush.strokeStyle = "#d9480f";
    brush.lineWidth = 5;
    brush.lineJoin = "round";
    brush.beginPath();
    let pen = false;
    for (const point of this.pair.curve) {
      if (point) brush[pen ? "lineTo" : "moveTo"](this.x(point[0]), this.y(point[1]));
      pen = Boolean(point);
    }
    brush.stroke();
  }

  drawAxis(side, place, align) {
    const seconds = side.frames / side.fps;
    const power = 10 ** Math.floor(Math.log10(seconds));
    const step = [0.2, 0.5, 1, 2, 5].map((n) => n * power).find((n) => seconds / n <= 5) || power;
    this.brush.fillStyle = "#556070";
    this.brush.font = "25px system-ui, sans-serif";
    this.brush.textAlign = align;
    for (let k = 0; k * step < seconds; k++) {
      this.brush.fillText(String(Number((k * step).toPrecision(3))), ...place(k * step * side.fps));
    }
  }
}
