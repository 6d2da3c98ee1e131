/** Operators. */
import { type BinaryExpression, type Expression, type UnaryExpression } from "../syntax/tree.ts";
import { boxed, type Code, constant, effect, mark } from "./code.ts";
import { emitOperands } from "./expression.ts";
import { type Frame } from "./frame.ts";
