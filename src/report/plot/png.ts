/**
 * Pictures in shades of gray or of a palette as PNG files, written without compression: the deflate stream inside consists of stored blocks
 * only, which every decoder reads and which needs no library. Right for the small pictures of a report, wrong for photographs.
 */

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Longest stored block of deflate. */
const blockLength = 65535;

/**
 * The PNG file (8 bits) of `width` x `height` values, row-major, 0 black and 1 white; with a `palette` of 256 colors (red, green, blue of
 * each), 0 the first and 1 the last of them. Values outside [0, 1] are clamped and NaN is drawn as 0.
 */
export function encodePng(values: ArrayLike<number>, width: number, height: number, palette?: Uint8Array): Uint8Array {
  if (palette !== undefined && palette.length !== 768) throw new RangeError(`a palette has 256 x 3 numbers; there are ${palette.length}`);
  if (!(width >= 1 && height >= 1) || values.length !== width * height) {
    throw new RangeError(`a picture of ${width} x ${height} needs ${width * height} values, at least one; there are ${values.length}`);
  }
  const scanlines = new Uint8Array((width + 1) * height);
  for (let row = 0; row < height; row++) {
    // The first byte of a scanline names its filter: 0, none.
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column];
      scanlines[row * (width + 1) + 1 + column] = value > 0 ? Math.round(Math.min(value, 1) * 255) : 0;
    }
  }
  const header = new Uint8Array(13);
  const fields = new DataView(header.buffer);
  fields.setUint32(0, width);
  fields.setUint32(4, height);
  header[8] = 8; // bits per sample; deflate, no filter, not interlaced
  header[9] = palette === undefined ? 0 : 3; // color type: grayscale or palette
  const colors = palette === undefined ? [] : [chunk("PLTE", palette)];
  return concatenate([
    new Uint8Array(signature),
    chunk("IHDR", header),
    ...colors,
    chunk("IDAT", storedZlib(scanlines)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Length, type, data and checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let at = 0; at < 4; at++) bytes[4 + at] = type.charCodeAt(at);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** The zlib format (RFC 1950) round stored blocks (RFC 1951, 3.2.4). */
function storedZlib(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at < data.length; at += blockLength) {
    const block = data.subarray(at, at + blockLength);
    const last = at + blockLength >= data.length ? 1 : 0;
    parts.push(Uint8Array.of(last, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255), block);
  }
  const sum = adler32(data);
  parts.push(Uint8Array.of(sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255));
  return concatenate(parts);
}

/** The cyclic redundancy check of PNG (polynomial 0xedb88320, reflected), bit by bit: a report has few kilobytes of pictures. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The checksum of zlib (RFC 1950). */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
