import type { PlanePoint } from "#internal/report/plot/planePlot";
import { planePlot } from "#internal/report/plot/planePlot";
import { levelSets } from "#internal/studies/planeQuadratic";
import { DrawingPlace } from "../parts/drawing.js";
import { element } from "../parts/element.js";
import type { Setting, Way } from "./ways.js";

/** The part of the plane that is shown. */
const X = [-5, 5] as const;
const Y = [-3, 3] as const;

/** How far an arrow key moves the start. */
const STEP = 0.1;

/** The four ways in the plane, over level sets, and a handle at their start that is dragged or moved by the arrow keys. */
export class Plane {
  readonly root: HTMLElement;
  private readonly place: DrawingPlace;
  private readonly handle = element("button", { class: "handle", type: "button" });
  private setting: Setting | undefined;
  private shown: readonly Way[] = [];

  constructor(private readonly onStart: (start: readonly [number, number]) => void) {
    this.place = new DrawingPlace((width) => this.make(width));
    this.root = this.place.root;
    this.root.classList.add("plane");
    this.root.append(this.handle);
    new ResizeObserver(() => this.moveHandle()).observe(this.root);
    this.listen();
  }

  draw(setting: Setting, ways: readonly Way[]): void {
    this.setting = setting;
    this.shown = ways;
    this.place.draw();
    this.moveHandle();
  }

  private make(width: number) {
    const { conditionNumber = 1 } = this.setting ?? {};
    return planePlot(
      {
        title: "The ways of the four methods",
        xLabel: "x, the flat direction",
        yLabel: "y, the steep direction",
        x: X,
        y: Y,
        ellipses: levelSets(conditionNumber, X, Y),
        paths: this.shown.map(({ name, style, points }) => ({ name, style, points: points.slice(0, 200) as PlanePoint[] })),
      },
      width,
      Math.max(300, Math.min(460, Math.round(0.62 * width))),
    );
  }

  /** The rectangle of the plane on the screen: the inner picture of the drawing. */
  private area(): DOMRect | undefined {
    return this.root.querySelector("svg svg")?.getBoundingClientRect();
  }

  private moveHandle(): void {
    const area = this.windowOf();
    if (area === undefined || this.setting === undefined) return;
    const [x, y] = this.setting.start;
    this.handle.style.left = `${area.left + ((x - X[0]) / (X[1] - X[0])) * area.width}px`;
    this.handle.style.top = `${area.top + ((Y[1] - y) / (Y[1] - Y[0])) * area.height}px`;
    this.handle.setAttribute("aria-label", `Start at x ${x.toFixed(1)}, y ${y.toFixed(1)}; arrow keys move it`);
  }

  /** The inner picture as its attributes say, in pixels of the drawing, which is as wide as its place. */
  private windowOf(): { left: number; top: number; width: number; height: number } | undefined {
    const inner = this.root.querySelector("svg svg");
    if (inner === null) return undefined;
    const of = (name: string): number => Number(inner.getAttribute(name));
    return { left: of("x"), top: of("y"), width: of("width"), height: of("height") };
  }

  private listen(): void {
    const { handle } = this;
    const move = (clientX: number, clientY: number): void => {
      const area = this.area();
      if (area === undefined) return;
      this.tell(X[0] + ((clientX - area.left) / area.width) * (X[1] - X[0]), Y[1] - ((clientY - area.top) / area.height) * (Y[1] - Y[0]));
    };
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus();
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) move(event.clientX, event.clientY);
    });
    const keys: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP],
    };
    handle.addEventListener("keydown", (event) => {
      const by = keys[event.key];
      if (by === undefined || this.setting === undefined) return;
      event.preventDefault();
      this.tell(this.setting.start[0] + by[0], this.setting.start[1] + by[1]);
    });
  }

  private tell(x: number, y: number): void {
    const within = (value: number, [from, to]: readonly [number, number]): number =>
      Math.round(100 * Math.min(to, Math.max(from, value))) / 100;
    this.onStart([within(x, X), within(y, Y)]);
  }
}
