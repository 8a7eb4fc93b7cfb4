import { additionKind } from "./addition/additionKind.js";
import { curvesKind } from "./curves/curvesKind.js";
import { dataKind } from "./data/dataKind.js";
import { facesKind } from "./faces/facesKind.js";
import { memory5Kind, memory20Kind } from "./memory/memoryKind.js";
import { mnistKind } from "./mnist/mnistKind.js";
import { multiplicationKind } from "./multiplication/multiplicationKind.js";
import type { PreparedTask, TaskKind } from "./task.js";

/** Every kind of task, in the order in which they are listed. */
export const taskKinds = {
  curves: curvesKind,
  mnist: mnistKind,
  faces: facesKind,
  addition: additionKind,
  multiplication: multiplicationKind,
  memory5: memory5Kind,
  memory20: memory20Kind,
  data: dataKind,
} as const;

type Kinds = typeof taskKinds;

/** The name of a task, as it stands in `task.name` of a trial's spec. */
export type TaskName = keyof Kinds;

/** The task of a trial's spec: `name` and that task's options. */
export type TaskSpec = { [Name in TaskName]: ReturnType<Kinds[Name]["check"]> }[TaskName];

/** Every measure there is, each of some tasks. */
export type Measures = { readonly [Key in Kinds[TaskName]["measures"][number]["key"]]?: number };

export const taskNames = Object.keys(taskKinds) as TaskName[];

/** The kind of a task, as one that takes any task: each is only ever given its own. */
export function kindOf(task: { readonly name: TaskName }): TaskKind<TaskSpec, PreparedTask, unknown> {
  return taskKinds[task.name] as unknown as TaskKind<TaskSpec, PreparedTask, unknown>;
}
