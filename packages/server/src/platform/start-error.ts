/** What may stop a start: one line for the person who runs the server, and the exit code. */

/**
 * An operating error before the server is up. The message is printed as it is: it names the setting or file, what is
 * wrong and what to do, and holds no secret.
 */
export class StartError extends Error {
  override readonly name: string = "StartError";
  /** 2 for settings, 1 for everything else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { readonly cause?: unknown; readonly exitCode?: 1 | 2 } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}
