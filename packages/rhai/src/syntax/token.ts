/** Kinds of tokens: small numbers, so that the lexer and the parser compare and index with them. */

export const eof: number = 0;
/** The lexer could not read it: code and message are in the lexer. */
export const error: number = 1;
export const identifier: number = 2;
export const int: number = 3;
export const float: number = 4;
export const string: number = 5;
/** A back-tick string up to its next `${`. */
export const interpolated: number = 6;
export const char: number = 7;
/** A reserved word or symbol, also `this` and the keyword functions. */
export const reserved: number = 8;

// Symbols.
export const leftBrace: number = 10;
export const rightBrace: number = 11;
export const leftParen: number = 12;
export const rightParen: number = 13;
export const leftBracket: number = 14;
export const rightBracket: number = 15;
/** `()` without a blank. */
export const unit: number = 16;
export const mapStart: number = 17;
export const semicolon: number = 18;
export const comma: number = 19;
export const colon: number = 20;
export const doubleColon: number = 21;
export const doubleArrow: number = 22;
export const period: number = 23;
export const elvis: number = 24;
export const questionBracket: number = 25;
export const bang: number = 26;
export const underscore: number = 27;

// Binary operators: `precedence` has them.
export const plus: number = 30;
export const minus: number = 31;
export const multiply: number = 32;
export const divide: number = 33;
export const modulo: number = 34;
export const power: number = 35;
export const leftShift: number = 36;
export const rightShift: number = 37;
export const ampersand: number = 38;
export const pipe: number = 39;
export const caret: number = 40;
export const and: number = 41;
export const or: number = 42;
export const equal: number = 43;
export const notEqual: number = 44;
export const less: number = 45;
export const lessEqual: number = 46;
export const greater: number = 47;
export const greaterEqual: number = 48;
export const inKeyword: number = 49;
export const notIn: number = 50;
export const coalesce: number = 51;
export const range: number = 52;
export const rangeInclusive: number = 53;

// Assignments: `=`, then those of the operators, 30 above them.
export const assign: number = 59;
export const plusAssign: number = 60;
export const minusAssign: number = 61;
export const multiplyAssign: number = 62;
export const divideAssign: number = 63;
export const moduloAssign: number = 64;
export const powerAssign: number = 65;
export const leftShiftAssign: number = 66;
export const rightShiftAssign: number = 67;
export const ampersandAssign: number = 68;
export const pipeAssign: number = 69;
export const caretAssign: number = 70;

// Keywords.
export const firstKeyword: number = 80;
export const asKeyword: number = 80;
export const breakKeyword: number = 81;
export const catchKeyword: number = 82;
export const constKeyword: number = 83;
export const continueKeyword: number = 84;
export const doKeyword: number = 85;
export const elseKeyword: number = 86;
export const exportKeyword: number = 87;
export const falseKeyword: number = 88;
export const fnKeyword: number = 89;
export const forKeyword: number = 90;
export const ifKeyword: number = 91;
export const importKeyword: number = 92;
export const letKeyword: number = 93;
export const loopKeyword: number = 94;
export const privateKeyword: number = 95;
export const returnKeyword: number = 96;
export const switchKeyword: number = 97;
export const throwKeyword: number = 98;
export const trueKeyword: number = 99;
export const tryKeyword: number = 100;
export const untilKeyword: number = 101;
export const whileKeyword: number = 102;

const words: readonly (readonly [string, number])[] = [
  ["as", asKeyword],
  ["break", breakKeyword],
  ["catch", catchKeyword],
  ["const", constKeyword],
  ["continue", continueKeyword],
  ["do", doKeyword],
  ["else", elseKeyword],
  ["export", exportKeyword],
  ["false", falseKeyword],
  ["fn", fnKeyword],
  ["for", forKeyword],
  ["if", ifKeyword],
  ["import", importKeyword],
  ["in", inKeyword],
  ["let", letKeyword],
  ["loop", loopKeyword],
  ["private", privateKeyword],
  ["return", returnKeyword],
  ["switch", switchKeyword],
  ["throw", throwKeyword],
  ["true", trueKeyword],
  ["try", tryKeyword],
  ["until", untilKeyword],
  ["while", whileKeyword],
];

const symbols: readonly (readonly [string, number])[] = [
  ["{", leftBrace],
  ["}", rightBrace],
  ["(", leftParen],
  [")", rightParen],
  ["[", leftBracket],
  ["]", rightBracket],
  ["()", unit],
  ["#{", mapStart],
  [";", semicolon],
  [",", comma],
  [":", colon],
  ["::", doubleColon],
  ["=>", doubleArrow],
  [".", period],
  ["?.", elvis],
  ["?[", questionBracket],
  ["!", bang],
  ["_", underscore],
  ["+", plus],
  ["-", minus],
  ["*", multiply],
  ["/", divide],
  ["%", modulo],
  ["**", power],
  ["<<", leftShift],
  [">>", rightShift],
  ["&", ampersand],
  ["|", pipe],
  ["^", caret],
  ["&&", and],
  ["||", or],
  ["==", equal],
  ["!=", notEqual],
  ["<", less],
  ["<=", lessEqual],
  [">", greater],
  [">=", greaterEqual],
  ["!in", notIn],
  ["??", coalesce],
  ["..", range],
  ["..=", rangeInclusive],
  ["=", assign],
  ["+=", plusAssign],
  ["-=", minusAssign],
  ["*=", multiplyAssign],
  ["/=", divideAssign],
  ["%=", moduloAssign],
  ["**=", powerAssign],
  ["<<=", leftShiftAssign],
  [">>=", rightShiftAssign],
  ["&=", ampersandAssign],
  ["|=", pipeAssign],
  ["^=", caretAssign],
];

/** Words that can't be names; the value is the token. Keyword functions and `this` are `reserved`: the parser decides. */
export const keywords: ReadonlyMap<string, number> = new Map<string, number>([
  ...words,
  ...(
    "async await case default go goto is match module new nil null package protected public shared spawn static super " +
    "sync thread use var void with yield this Fn call curry debug eval is_def_fn is_def_var is_shared print type_of"
  )
    .split(" ")
    .map((word): [string, number] => [word, reserved]),
]);

/** Text of keywords and symbols, by kind. */
export const texts: readonly string[] = (() => {
  const list: string[] = Array.from({ length: whileKeyword + 1 }, () => "");
  for (const [text, kind] of words) list[kind] = text;
  for (const [text, kind] of symbols) list[kind] = text;
  return list;
})();

/** Binding strength of binary operators, by kind; 0 for all other tokens. */
export const precedence: Uint8Array = (() => {
  const table = new Uint8Array(whileKeyword + 1);
  table[leftShift] = table[rightShift] = 210;
  table[power] = 190;
  table[multiply] = table[divide] = table[modulo] = 180;
  table[plus] = table[minus] = 150;
  table[range] = table[rangeInclusive] = 140;
  table[coalesce] = 135;
  table[less] = table[lessEqual] = table[greater] = table[greaterEqual] = 130;
  table[inKeyword] = table[notIn] = 110;
  table[equal] = table[notEqual] = 90;
  table[and] = table[ampersand] = 60;
  table[or] = table[pipe] = table[caret] = 30;
  return table;
})();

/** After these tokens, `-` starts no operand: `a -1` subtracts. */
export function endsOperand(kind: number): boolean {
  switch (kind) {
    case identifier:
    case int:
    case float:
    case string:
    case char:
    case reserved:
    case rightBrace:
    case rightParen:
    case rightBracket:
    case unit:
    case trueKeyword:
    case falseKeyword:
      return true;
    default:
      return false;
  }
}

/** A name: ASCII letters, digits and `_`; the first that is no `_` is a letter. */
export function isIdentifier(text: string): boolean {
  let seen = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 95) continue;
    const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
    if (!isLetter && !(seen && code >= 48 && code <= 57)) return false;
    seen = true;
  }
  return seen;
}

/** A reserved word that may be called: `print(…)`, `eval(…)`. */
export function isCallable(word: string): boolean {
  switch (word) {
    case "print":
    case "debug":
    case "Fn":
    case "eval":
    case "is_def_var":
    case "is_def_fn":
      return true;
    default:
      return isMethod(word);
  }
}

/** A reserved word that may be called in method style: `x.type_of()`. */
export function isMethod(word: string): boolean {
  return word === "type_of" || word === "call" || word === "curry" || word === "is_shared";
}
