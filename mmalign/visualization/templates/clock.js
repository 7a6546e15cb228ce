/* Clocks tell which tick is shown. Both call onTick(tick) when a tick is really on the screen and
   onState(playing) when playing begins or ends. */

/* Of a pair with pictures: the video is the clock, and a tick is shown once its picture is there. */
class VideoClock {
  constructor(video, ticks, fps, onTick, onState) {
    Object.assign(this, { video, ticks, fps, onTick, tick: 0, pending: null });
    this.picture = document.createElement("canvas");
    const presented = (_, picture) => {
      this.show(Math.round(picture.mediaTime * fps));
      this.callback = video.requestVideoFrameCallback(presented);
    };
    if (video.requestVideoFrameCallback) this.callback = video.requestVideoFrameCallback(presented);
    else video.addEventListener("timeupdate", () => this.show(Math.floor(video.currentTime * fps + 0.01)));
    video.addEventListener("loadeddata", () => this.show(0));
    video.addEventListener("seeked", () => this.seeked());
    // A slow machine may have skipped the last picture.
    video.addEventListener("ended", () => {
      if (video.ended && !video.seeking) this.seek(this.ticks - 1);
    });
    for (const event of ["play", "pause", "ended"]) {
      video.addEventListener(event, () => onState(this.playing));
    }
  }
  get playing() { return !this.video.paused && !this.video.ended; }
  set rate(rate) { this.video.playbackRate = rate; }
  set loop(loop) { this.video.loop = loop; }
  show(tick) {
    // The video goes on while this runs: both sides are taken from one copy, and where the browser
    // can tell which moment was copied, that is the tick.
    const { video, picture } = this;
    if (!video.videoWidth) return;
    if (picture.width !== video.videoWidth) {
      Object.assign(picture, { width: video.videoWidth, height: video.videoHeight });
    }
    const frame = window.VideoFrame && video.readyState > 1 ? new VideoFrame(video) : null;
    const copied = frame ? Math.round(frame.timestamp / 1e6 * this.fps) : tick;
    // A browser whose frames do not know their moment gives one far away.
    if (Math.abs(copied - tick) < this.fps / 2) tick = copied;
    picture.getContext("2d").drawImage(frame || video, 0, 0);
    if (frame) frame.close();
    tick = Math.min(tick, this.ticks - 1);
    // While seeking, the tick that is wanted counts, not the one still on the screen.
    if (!video.seeking) this.tick = tick;
    this.onTick(tick);
  }
  play() {
    if (this.tick >= this.ticks - 1) this.video.currentTime = 0;
    this.video.play().catch(() => {});
  }
  pause() { this.video.pause(); }
  seek(tick) {
    this.tick = tick;
    if (this.video.seeking) this.pending = tick;
    else this.video.currentTime = (tick + 0.5) / this.fps;
  }
  seeked() {
    if (this.pending !== null) {
      this.video.currentTime = (this.pending + 0.5) / this.fps;
      this.pending = null;
    } else if (!this.playing) this.show(this.tick);
  }
  close() {
    if (this.callback) this.video.cancelVideoFrameCallback(this.callback);
    this.onTick = () => {};
    this.video.pause();
    URL.revokeObjectURL(this.video.src);
    this.video.removeAttribute("src");
    this.video.remove();
  }
}

/* Of a pair of drawn skeletons: the time since it was started. */
class TimerClock {
  constructor(ticks, fps, onTick, onState) {
    Object.assign(this, { ticks, fps, onTick, onState, tick: 0, playing: false, loop: false, pace: 1 });
    requestAnimationFrame(() => this.onTick(this.tick));
  }
  set rate(rate) {
    this.pace = rate;
    this.start();
  }
  start() {
    this.began = performance.now();
    this.origin = this.tick;
  }
  play() {
    if (this.tick >= this.ticks - 1) this.tick = 0;
    this.playing = true;
    this.start();
    this.onState(true);
    requestAnimationFrame((now) => this.advance(now));
  }
  pause() {
    this.playing = false;
    this.onState(false);
  }
  advance(now) {
    if (!this.playing) return;
    const passed = Math.max(0, now - this.began) / 1000 * this.fps * this.pace;
    let tick = this.origin + Math.floor(passed);
    if (tick >= this.ticks && this.loop) {
      this.tick = tick = 0;
      this.start();
    }
    this.tick = Math.min(tick, this.ticks - 1);
    this.onTick(this.tick);
    if (tick >= this.ticks) this.pause();
    else requestAnimationFrame((next) => this.advance(next));
  }
  seek(tick) {
    this.tick = tick;
    this.start();
    this.onTick(tick);
  }
  close() {
    this.playing = false;
    this.onTick = () => {};
  }
}
