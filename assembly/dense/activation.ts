import { LOGISTIC, RELU, TANH } from "../../src/abi/descriptor";
import { ONE, constant } from "../math/constants";
import { expNegAbs4 } from "../math/exp";
import { logisticFrom4 } from "../math/logistic";
import { tanh4 } from "../math/tanh";

/** Softmax acts on a whole row and is applied with the loss. */
// @ts-ignore: decorator
@inline
export function activate(activation: i32, x: v128): v128 {
  if (activation == LOGISTIC) return logisticFrom4(x, expNegAbs4(x));
  if (activation == TANH) return tanh4(x);
  if (activation == RELU) return f32x4.max(x, f32x4.splat(0));
  return x;
}

/** Derivative of the activation written in its own value y: logistic y(1 - y), tanh 1 - y^2, relu 1 above 0 and 0 elsewhere, linear 1. */
// @ts-ignore: decorator
@inline
export function activationSlope(activation: i32, y: v128): v128 {
  const one = constant(ONE);
  if (activation == LOGISTIC) return f32x4.mul(y, f32x4.sub(one, y));
  if (activation == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (activation == RELU) return v128.and(one, f32x4.gt(y, f32x4.splat(0)));
  return one;
}
