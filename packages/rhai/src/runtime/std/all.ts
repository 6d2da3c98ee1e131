/** The whole standard library. */
import { getterOf } from "../native.ts";
import { setGetters } from "../property.ts";
import { defineArrays } from "./array.ts";
import { defineBits } from "./bits.ts";
import { defineBlobCodecs } from "./blob-codec.ts";
import { defineBlobs } from "./blob.ts";
import { defineCallbacks } from "./callbacks.ts";
import { defineCore } from "./core.ts";
import { defineFloats } from "./float.ts";
import { defineInts } from "./int.ts";
import { defineIterators } from "./iterators.ts";
import { defineMaps } from "./map.ts";
import { defineJson } from "./parse-json.ts";
import { defineSorts } from "./sort.ts";
import { defineStringEdits } from "./string-edit.ts";
import { defineStringSplits } from "./string-split.ts";
import { defineStrings } from "./string.ts";

let isDefined = false;

/** Registers every function once. */
export function defineLibrary(): void {
  if (isDefined) return;
  isDefined = true;
  setGetters(getterOf);
  defineCore();
  defineInts();
  defineBits();
  defineFloats();
  defineStrings();
  defineStringEdits();
  defineStringSplits();
  defineArrays();
  defineSorts();
  defineMaps();
  defineJson();
  defineBlobs();
  defineBlobCodecs();
  defineIterators();
  defineCallbacks();
}
