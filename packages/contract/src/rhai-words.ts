/** Reserved words of Rhai that are names of PiCloud's functions all the same, behind their namespace: `log::debug`. */
export const rhaiQualifiedWords: readonly string[] = ["debug"];
