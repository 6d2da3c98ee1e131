/** The method of every comparison: interleaved rounds in fresh processes, the order reversed each round, so that neither
 *  the machine's mood nor the order favours one side; medians, spread and ratios of all rounds. */

/** Numbers of one round, by what they are: `requests/s at 16` → 12345. */
export type Sample = Readonly<Record<string, number>>;

export interface Variant {
  readonly name: string;
  /** Starts what it measures, measures, and stops it again. */
  measure(): Promise<Sample>;
}

/** Samples of every round, by variant. */
export type Rounds = Readonly<Record<string, readonly Sample[]>>;

export async function sideBySide(
  variants: readonly Variant[],
  rounds: number,
  onRound: (round: number, name: string, sample: Sample) => void,
): Promise<Rounds> {
  const samples = new Map<string, Sample[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const sample = await variant.measure();
      samples.get(variant.name)?.push(sample);
      onRound(round + 1, variant.name, sample);
    }
  }
  return Object.fromEntries(samples);
}

/** The values of one number over the rounds of a variant. */
export function series(rounds: Rounds, variant: string, number: string): number[] {
  return (rounds[variant] ?? []).map((sample) => {
    const value = sample[number];
    if (value === undefined) throw new Error(`${variant} did not measure ${number}`);
    return value;
  });
}

/** Of each round the number of `variant` as a multiple of `base`'s in the same round. */
export function ratios(rounds: Rounds, variant: string, base: string, number: string): number[] {
  const bases = series(rounds, base, number);
  return series(rounds, variant, number).map((value, at) => value / (bases[at] ?? Number.NaN));
}
