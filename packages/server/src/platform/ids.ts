/** New ids: UUID v7, ordered also within a millisecond. */
import { v7 } from "uuid";

export function newId(): string {
  return v7();
}
