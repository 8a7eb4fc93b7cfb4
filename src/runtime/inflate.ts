/** The order in which the lengths of the code of code lengths are written. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical Huffman code, to be read off the next `longest` bits of the stream: which symbol they begin with, and its length. */
interface Code {
  readonly longest: number;
  readonly symbols: Uint16Array;
  readonly lengths: readonly number[];
}

function codeOf(lengths: readonly number[]): Code {
  const longest = Math.max(...lengths);
  const symbols = new Uint16Array(1 << longest);
  let code = 0;
  for (let length = 1; length <= longest; length++, code <<= 1) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      // Codes are written from their highest bit on, everything else from its lowest.
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >>> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < symbols.length; at += 1 << length) symbols[at] = symbol;
      code++;
    }
  }
  return { longest, symbols, lengths };
}

/** The two codes of a block with the codes that the format fixes. */
const FIXED_CODES = (): [Code, Code] => [
  codeOf(Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))),
  codeOf(new Array<number>(30).fill(5)),
];

/**
 * Decompresses a raw deflate stream (RFC 1951) of the package's own build into `size` bytes, at once and in any engine: the library's
 * binaries travel like this, and must be had where there is no DecompressionStream (jsdom, say) or no time to wait for one. What comes
 * from outside goes through formats/inflate.ts.
 */
export function inflate(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let to = 0;
  let at = 0;
  let held = 0;
  let heldBits = 0;
  const fill = (count: number): void => {
    for (; heldBits < count; heldBits += 8) held |= bytes[at++] << heldBits;
  };
  const drop = (count: number): void => {
    held >>>= count;
    heldBits -= count;
  };
  const bits = (count: number): number => {
    fill(count);
    const value = held & ((1 << count) - 1);
    drop(count);
    return value;
  };
  const symbolOf = ({ longest, symbols, lengths }: Code): number => {
    fill(longest);
    const symbol = symbols[held & (symbols.length - 1)];
    drop(lengths[symbol]);
    return symbol;
  };
  const readCodes = (): [Code, Code] => {
    const literals = bits(5) + 257;
    const distances = bits(5) + 1;
    const given = bits(4) + 4;
    const own = new Array<number>(LENGTH_ORDER.length).fill(0);
    for (let i = 0; i < given; i++) own[LENGTH_ORDER[i]] = bits(3);
    const code = codeOf(own);
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const symbol = symbolOf(code);
      const repeat = symbol < 16 ? 1 : symbol === 16 ? 3 + bits(2) : symbol === 17 ? 3 + bits(3) : 11 + bits(7);
      const length = symbol < 16 ? symbol : symbol === 16 ? lengths[lengths.length - 1] : 0;
      for (let i = 0; i < repeat; i++) lengths.push(length);
    }
    return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))];
  };
  for (let isLast = 0; isLast === 0; ) {
    isLast = bits(1);
    const kind = bits(2);
    if (kind === 0) {
      // What was read ahead, whole bytes but for the rest of this one, is read again.
      at -= heldBits >>> 3;
      heldBits = held = 0;
      const length = bytes[at] | (bytes[at + 1] << 8);
      out.set(bytes.subarray(at + 4, (at += 4 + length)), to);
      to += length;
      continue;
    }
    const [literals, distances] = kind === 1 ? FIXED_CODES() : readCodes();
    for (;;) {
      const symbol = symbolOf(literals);
      if (symbol === 256) break;
      if (symbol < 256) {
        out[to++] = symbol;
        continue;
      }
      const length = symbol === 285 ? 258 : 3 + spread(symbol - 257, 4, bits);
      const from = to - 1 - spread(symbolOf(distances), 2, bits);
      for (let i = 0; i < length; i++) out[to++] = out[from + i];
    }
  }
  return out;
}

/** What a length or distance symbol comes to, beyond the least there is: `steps` symbols share each number of extra bits. */
function spread(symbol: number, steps: 2 | 4, bits: (count: number) => number): number {
  if (symbol < 2 * steps) return symbol;
  const extra = Math.floor(symbol / steps) - 1;
  return ((steps + (symbol % steps)) << extra) + bits(extra);
}
