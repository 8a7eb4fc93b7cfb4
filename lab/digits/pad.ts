import { element } from "../parts/element.js";
import { colors, onThemeChange } from "../parts/theme.js";
import type { Point } from "./skeletons.js";

/** Side of the paper in its own pixels, and how far an arrow key moves the pen. */
const SIDE = 280;
const STEP = 10;

/** Paper to draw on with a pointer, or by keys: arrows move the pen, the space bar lowers and lifts it, Delete takes a new sheet. */
export class Pad {
  readonly canvas = element("canvas", {
    class: "pad",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "img",
    "aria-label": "Paper to draw a digit on: arrow keys move the pen, space lowers and lifts it, Delete takes a new sheet",
  });
  private strokes: Point[][] = [];
  private pen: Point = [SIDE / 2, SIDE / 5];
  private isDown = false;
  private usesKeys = false;

  /** `onChange` gets the strokes at every move; none on a new sheet. */
  constructor(private readonly onChange: (strokes: readonly (readonly Point[])[]) => void) {
    this.listenToPointer();
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    onThemeChange(() => this.draw());
    this.draw();
  }

  clear(): void {
    this.strokes = [];
    this.isDown = false;
    this.changed();
  }

  private listenToPointer(): void {
    const { canvas } = this;
    const place = ({ clientX, clientY }: PointerEvent): Point => {
      const { left, top, width } = canvas.getBoundingClientRect();
      return [((clientX - left) / width) * SIDE, ((clientY - top) / width) * SIDE];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.usesKeys = false;
      this.strokes.push([place(event)]);
      this.changed();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.strokes[this.strokes.length - 1].push(place(part));
      this.changed();
    });
  }

  private key(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, Point>> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
    };
    const by = moves[event.key];
    if (by === undefined && ![" ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    this.usesKeys = true;
    if (by !== undefined) {
      const within = (value: number): number => Math.min(SIDE, Math.max(0, value));
      this.pen = [within(this.pen[0] + by[0]), within(this.pen[1] + by[1])];
      if (this.isDown) this.strokes[this.strokes.length - 1].push(this.pen);
    } else if (event.key === " ") {
      this.isDown = !this.isDown;
      if (this.isDown) this.strokes.push([this.pen]);
    } else this.clear();
    this.changed();
  }

  private changed(): void {
    this.draw();
    this.onChange(this.strokes);
  }

  private draw(): void {
    const context = this.canvas.getContext("2d")!;
    const { ink, soft } = colors();
    context.clearRect(0, 0, SIDE, SIDE);
    context.lineWidth = 18;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = ink;
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke.length === 1 ? stroke : stroke.slice(1)) context.lineTo(...point);
      context.stroke();
    }
    if (!this.usesKeys) return;
    context.lineWidth = 2;
    context.strokeStyle = soft;
    context.beginPath();
    context.arc(...this.pen, this.isDown ? 12 : 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
