/** Things under way, many a second and each for a moment. Not a Set: V8 grows and shrinks a Set into new tables, each old
 *  one points to the next, and one that was promoted keeps all of them and what they held until a full collection. With
 *  one entry a request half of all garbage survived, and collecting took a third of the server's time. */
export class Slots<T extends object> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Gives the place to {@link delete} it from. */
  add(item: T): number {
    const place = this.#free.pop() ?? this.#items.length;
    this.#items[place] = item;
    return place;
  }

  /** Once for each `add`. */
  delete(place: number): void {
    this.#items[place] = undefined;
    this.#free.push(place);
  }

  /** What was deleted meanwhile is left out. */
  *[Symbol.iterator](): Generator<T> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }
}
