import { flush } from "../math/flush";
import { addProducts, bothLanes } from "./vectors";

/**
 * The passes of conjugate gradient over one block of its vectors, bytes [first, end). A p is never stored: it is scale s + shift p, s the
 * sums that the curvature product leaves, and taking it apart twice costs less than writing and reading it. Nor is y = M^-1 r, for the same
 * reason.
 */

// @ts-ignore: decorator
@inline
function applied(scale: v128, s: v128, shift: v128, p: v128): v128 {
  return f32x4.add(f32x4.mul(scale, s), f32x4.mul(shift, p));
}

/** x = scale start, or 0 where there is no start; p = x, whose product gives the first residual. */
export function startBlock(x: usize, p: usize, start: usize, scale: f32, first: usize, end: usize): void {
  if (!start) {
    memory.fill(x + first, 0, end - first);
    memory.fill(p + first, 0, end - first);
    return;
  }
  const factor = f32x4.splat(scale);
  for (let i = first; i < end; i += 16) {
    const value = flush(f32x4.mul(factor, v128.load(start + i)));
    v128.store(x + i, value);
    v128.store(p + i, value);
  }
}

/**
 * r = A p - b for the start p = x; then y = M^-1 r and p = -y. Stores the parts of r'y, of (r - b)'x and of r'r. `s` 0 stands for the
 * product of x = 0.
 */
export function residualBlock(
  s: usize, x: usize, r: usize, p: usize, b: usize, inverse: usize, scale: f32, shift: f32, first: usize, end: usize, partRy: usize,
  partPhi: usize, partRr: usize,
): void {
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  let ry = f64x2.splat(0);
  let phi = f64x2.splat(0);
  let rr = f64x2.splat(0);
  for (let i = first; i < end; i += 16) {
    const target = v128.load(b + i);
    const residual = flush(s ? f32x4.sub(applied(scales, v128.load(s + i), shifts, v128.load(p + i)), target) : f32x4.neg(target));
    const y = inverse ? f32x4.mul(v128.load(inverse + i), residual) : residual;
    v128.store(r + i, residual);
    v128.store(p + i, flush(f32x4.neg(y)));
    ry = addProducts(ry, residual, y);
    phi = addProducts(phi, f32x4.sub(residual, target), v128.load(x + i));
    if (inverse) rr = addProducts(rr, residual, residual);
  }
  store<f64>(partRr, bothLanes(inverse ? rr : ry));
  store<f64>(partRy, bothLanes(ry));
  store<f64>(partPhi, bothLanes(phi));
}

/** Its part of p'Ap; stores that of p'p. */
export function curvatureBlock(s: usize, p: usize, scale: f32, shift: f32, first: usize, end: usize, partPp: usize): f64 {
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  let sum = f64x2.splat(0);
  let pp = f64x2.splat(0);
  for (let i = first; i < end; i += 16) {
    const direction = v128.load(p + i);
    pp = addProducts(pp, direction, direction);
    sum = addProducts(sum, direction, applied(scales, v128.load(s + i), shifts, direction));
  }
  store<f64>(partPp, bothLanes(pp));
  return bothLanes(sum);
}

/** next = x + alpha p, r <- r + alpha A p. Stores the parts of r'y with y = M^-1 r, of (r - b)'next and of r'r. */
export function stepBlock(
  alpha: f32, s: usize, x: usize, next: usize, r: usize, p: usize, b: usize, inverse: usize, scale: f32, shift: f32, first: usize,
  end: usize,
  partRy: usize, partPhi: usize, partRr: usize,
): void {
  const scales = f32x4.splat(scale);
  const shifts = f32x4.splat(shift);
  const along = f32x4.splat(alpha);
  let ry = f64x2.splat(0);
  let phi = f64x2.splat(0);
  let rr = f64x2.splat(0);
  for (let i = first; i < end; i += 16) {
    const direction = v128.load(p + i);
    const iterate = flush(f32x4.add(v128.load(x + i), f32x4.mul(along, direction)));
    const residual = flush(f32x4.add(v128.load(r + i), f32x4.mul(along, applied(scales, v128.load(s + i), shifts, direction))));
    const y = inverse ? f32x4.mul(v128.load(inverse + i), residual) : residual;
    v128.store(next + i, iterate);
    v128.store(r + i, residual);
    ry = addProducts(ry, residual, y);
    phi = addProducts(phi, f32x4.sub(residual, v128.load(b + i)), iterate);
    if (inverse) rr = addProducts(rr, residual, residual);
  }
  store<f64>(partRr, bothLanes(inverse ? rr : ry));
  store<f64>(partRy, bothLanes(ry));
  store<f64>(partPhi, bothLanes(phi));
}

/** p <- -y + beta p with y = M^-1 r. */
export function directionBlock(beta: f32, r: usize, p: usize, inverse: usize, first: usize, end: usize): void {
  const factor = f32x4.splat(beta);
  for (let i = first; i < end; i += 16) {
    const residual = v128.load(r + i);
    const y = inverse ? f32x4.mul(v128.load(inverse + i), residual) : residual;
    v128.store(p + i, flush(f32x4.sub(f32x4.mul(factor, v128.load(p + i)), y)));
  }
}
