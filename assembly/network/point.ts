/** packed <- theta + ahead v over `bytes` bytes, a multiple of 16; direction 0 means packed <- theta. */
export function packPoint(theta: usize, direction: usize, packed: usize, bytes: usize, ahead: f32): void {
  if (!direction) {
    memory.copy(packed, theta, bytes);
    return;
  }
  const a = f32x4.splat(ahead);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(packed + i, f32x4.add(v128.load(theta + i), f32x4.mul(a, v128.load(direction + i))));
  }
}
