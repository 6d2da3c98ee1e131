/** Environment → settings. */
export interface Config {
  readonly devMode: boolean;
}
