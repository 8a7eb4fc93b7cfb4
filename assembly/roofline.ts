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

/**
 * The same for the wide binary, whose vectors are to be fused by twos: 24 accumulators that fill 12 registers, each pair with operands that
 * are neighbors in memory. One iteration is 2 x 24 vectors x 4 lanes x 2 = 384 floating-point operations.
 */
export function wideRoofline(iterations: i32, c: usize): void {
  const x0 = v128.load(c), x1 = v128.load(c, 16);
  const y0 = v128.load(c, 32), y1 = v128.load(c, 48);
  let c0 = v128.load(c, 0), c1 = v128.load(c, 16), c2 = v128.load(c, 32), c3 = v128.load(c, 48);
  let c4 = v128.load(c, 64), c5 = v128.load(c, 80), c6 = v128.load(c, 96), c7 = v128.load(c, 112);
  let c8 = v128.load(c, 128), c9 = v128.load(c, 144), c10 = v128.load(c, 160), c11 = v128.load(c, 176);
  let c12 = v128.load(c, 192), c13 = v128.load(c, 208), c14 = v128.load(c, 224), c15 = v128.load(c, 240);
  let c16 = v128.load(c, 256), c17 = v128.load(c, 272), c18 = v128.load(c, 288), c19 = v128.load(c, 304);
  let c20 = v128.load(c, 320), c21 = v128.load(c, 336), c22 = v128.load(c, 352), c23 = v128.load(c, 368);
  for (let i = 0; i < iterations; i++) {
    c0 = madd(x0, y0, c0); c1 = madd(x1, y1, c1); c2 = madd(x0, y0, c2); c3 = madd(x1, y1, c3);
    c4 = madd(x0, y0, c4); c5 = madd(x1, y1, c5); c6 = madd(x0, y0, c6); c7 = madd(x1, y1, c7);
    c8 = madd(x0, y0, c8); c9 = madd(x1, y1, c9); c10 = madd(x0, y0, c10); c11 = madd(x1, y1, c11);
    c12 = madd(x0, y0, c12); c13 = madd(x1, y1, c13); c14 = madd(x0, y0, c14); c15 = madd(x1, y1, c15);
    c16 = madd(x0, y0, c16); c17 = madd(x1, y1, c17); c18 = madd(x0, y0, c18); c19 = madd(x1, y1, c19);
    c20 = madd(x0, y0, c20); c21 = madd(x1, y1, c21); c22 = madd(x0, y0, c22); c23 = madd(x1, y1, c23);
    c0 = madd(x0, y0, c0); c1 = madd(x1, y1, c1); c2 = madd(x0, y0, c2); c3 = madd(x1, y1, c3);
    c4 = madd(x0, y0, c4); c5 = madd(x1, y1, c5); c6 = madd(x0, y0, c6); c7 = madd(x1, y1, c7);
    c8 = madd(x0, y0, c8); c9 = madd(x1, y1, c9); c10 = madd(x0, y0, c10); c11 = madd(x1, y1, c11);
    c12 = madd(x0, y0, c12); c13 = madd(x1, y1, c13); c14 = madd(x0, y0, c14); c15 = madd(x1, y1, c15);
    c16 = madd(x0, y0, c16); c17 = madd(x1, y1, c17); c18 = madd(x0, y0, c18); c19 = madd(x1, y1, c19);
    c20 = madd(x0, y0, c20); c21 = madd(x1, y1, c21); c22 = madd(x0, y0, c22); c23 = madd(x1, y1, c23);
  }
  v128.store(c, c0, 0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
  v128.store(c, c8, 128); v128.store(c, c9, 144); v128.store(c, c10, 160); v128.store(c, c11, 176);
  v128.store(c, c12, 192); v128.store(c, c13, 208); v128.store(c, c14, 224); v128.store(c, c15, 240);
  v128.store(c, c16, 256); v128.store(c, c17, 272); v128.store(c, c18, 288); v128.store(c, c19, 304);
  v128.store(c, c20, 320); v128.store(c, c21, 336); v128.store(c, c22, 352); v128.store(c, c23, 368);
}
