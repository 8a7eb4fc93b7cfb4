import { madd } from "./math/madd";

/**
 * The register-only multiply-add loop that kernels are held against: 12 independent accumulators, no memory.
 * One iteration is 4 x 12 vectors x 4 lanes x 2 = 384 floating-point operations. `c` receives 12 vectors, so that nothing is optimized
 * away.
 */
export function roofline(iterations: i32, c: usize): void {
  const x = v128.load(c);
  const y = v128.load(c, 16);
  let c0 = x, c1 = x, c2 = x, c3 = x, c4 = x, c5 = x, c6 = x, c7 = x, c8 = x, c9 = x, c10 = x, c11 = x;
  for (let i = 0; i < iterations; i++) {
    c0 = madd(x, y, c0); c1 = madd(x, y, c1); c2 = madd(x, y, c2); c3 = madd(x, y, c3); c4 = madd(x, y, c4); c5 = madd(x, y, c5);
    c6 = madd(x, y, c6); c7 = madd(x, y, c7); c8 = madd(x, y, c8); c9 = madd(x, y, c9); c10 = madd(x, y, c10); c11 = madd(x, y, c11);
    c0 = madd(x, y, c0); c1 = madd(x, y, c1); c2 = madd(x, y, c2); c3 = madd(x, y, c3); c4 = madd(x, y, c4); c5 = madd(x, y, c5);
    c6 = madd(x, y, c6); c7 = madd(x, y, c7); c8 = madd(x, y, c8); c9 = madd(x, y, c9); c10 = madd(x, y, c10); c11 = madd(x, y, c11);
    c0 = madd(x, y, c0); c1 = madd(x, y, c1); c2 = madd(x, y, c2); c3 = madd(x, y, c3); c4 = madd(x, y, c4); c5 = madd(x, y, c5);
    c6 = madd(x, y, c6); c7 = madd(x, y, c7); c8 = madd(x, y, c8); c9 = madd(x, y, c9); c10 = madd(x, y, c10); c11 = madd(x, y, c11);
    c0 = madd(x, y, c0); c1 = madd(x, y, c1); c2 = madd(x, y, c2); c3 = madd(x, y, c3); c4 = madd(x, y, c4); c5 = madd(x, y, c5);
    c6 = madd(x, y, c6); c7 = madd(x, y, c7); c8 = madd(x, y, c8); c9 = madd(x, y, c9); c10 = madd(x, y, c10); c11 = madd(x, y, c11);
  }
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48); v128.store(c, c4, 64); v128.store(c, c5, 80);
  v128.store(c, c6, 96); v128.store(c, c7, 112); v128.store(c, c8, 128); v128.store(c, c9, 144); v128.store(c, c10, 160);
  v128.store(c, c11, 176);
}
