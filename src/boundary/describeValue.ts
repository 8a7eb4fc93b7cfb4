const LONGEST = 80;
/** An array with more elements is named by its length. */
const MOST_ELEMENTS = 40;
/** Deeper objects are not looked into: they may have no end. */
const DEEPEST = 8;

/**
 * Text of a value as it appears in a message: short, quoted when a string, never a whole array. Whatever the value does when it is looked
 * at, this does not throw.
 */
export function describeValue(value: unknown): string {
  try {
    return shorten(describe(value, LONGEST + 1, 0));
  } catch {
    return typeof value === "function" ? "a function" : "an object that cannot be read";
  }
}

/** `text` where it is short enough for a message, else its beginning. */
export function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

/** Text that need not go beyond `room` characters, since nobody will see more. */
function describe(value: unknown, room: number, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST - 3)}...` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${String(value.name)}`.trimEnd();
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `${nameOf(value) ?? "ArrayBufferView"}(${(value as Uint8Array).length ?? value.byteLength})`;
  if (Array.isArray(value)) {
    if (value.length > MOST_ELEMENTS) return `${nameOf(value) ?? "Array"}(${value.length})`;
    return list("[", "]", value, room, depth, (element) => ["", element]);
  }
  // Only plain data is worth spelling out.
  const name = nameOf(value);
  if (name !== undefined && name !== "Object") return name;
  const record = value as Record<string, unknown>;
  return list("{", "}", Object.keys(record), room, depth, (key) => [`${JSON.stringify(shorten(key))}:`, record[key]]);
}

/** Members between brackets; `read` gives what stands before a member's value, and the value. */
function list<T>(
  open: string,
  close: string,
  members: readonly T[],
  room: number,
  depth: number,
  read: (member: T) => [string, unknown],
): string {
  if (depth === DEEPEST) return `${open}...${close}`;
  let text = open;
  for (let i = 0; i < members.length; i++) {
    if (text.length > room) return text;
    const [label, member] = read(members[i]);
    text += `${i > 0 ? "," : ""}${label}${describe(member, room - text.length, depth + 1)}`;
  }
  return text + close;
}

/** The name of what made an object; undefined where it has none that is a name. */
function nameOf(value: object): string | undefined {
  const { constructor } = value;
  const name: unknown = typeof constructor === "function" ? constructor.name : undefined;
  return typeof name === "string" && name !== "" ? shorten(name) : undefined;
}
