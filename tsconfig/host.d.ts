/**
 * What Node and browsers both have beside the language, as far as the core uses it: the core is checked with this in place of either's
 * types, so that it cannot lean on one of them by mistake (tsconfig/core.json).
 */

declare const performance: { now(): number };
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function structuredClone<T>(value: T): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function fetch(
  address: URL | string,
): Promise<{ readonly ok: boolean; readonly status: number; arrayBuffer(): Promise<ArrayBuffer> }>;

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(encoding?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes: ArrayBufferView): string;
}
declare class URL {
  constructor(address: string | URL, base?: string | URL);
  readonly href: string;
  toString(): string;
}
interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(event: "abort", listen: () => void): void;
  removeEventListener(event: "abort", listen: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}
declare var crypto: { readonly subtle: { digest(algorithm: string, bytes: ArrayBufferView): Promise<ArrayBuffer> } };
