/** What scripts call of the host: functions that answer at once, and requests that the script waits for. */
import { runtimeError } from "./raise.ts";
import { S } from "./state.ts";
import { type Handle, type Value } from "./value.ts";

/** What a script asks of the host, and waits for. */
export interface HostRequest {
  /** `namespace::name` of a function, or the name of a method of `handle`. */
  readonly fn: string;
  readonly handle?: Handle;
  readonly args: readonly Value[];
}

/** What the host answers. The error is thrown in the script as `throw` would: a value that `catch` gets. */
export type HostReply =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Value };

/** A function of the host that answers at once. Its arguments are its own: it may keep or change them. */
export type HostFunction = (...args: Value[]) => Value;

/** Functions by `<name>/<number of arguments>`; the name may begin with a namespace: `log::info/2`. */
export type HostTable = ReadonlyMap<string, HostFunction>;

const everywhere = new Map<string, HostFunction>();

/** Makes a function known to every run of this instance of the runtime. A run's own table comes first. */
export function defineHost(name: string, arity: number, fn: HostFunction): void {
  everywhere.set(`${name}/${arity}`, fn);
}

export function findHost(name: string, arity: number): HostFunction | undefined {
  const key = `${name}/${arity}`;
  return S.hosts?.get(key) ?? everywhere.get(key);
}

export function hostCall(fn: string, args: readonly Value[]): HostRequest {
  return { fn, args };
}

export function handleCall(handle: Handle, fn: string, args: readonly Value[]): HostRequest {
  return { fn, handle, args };
}

/** The value that the host answered; throws the error that it answered. */
export function reply(answer: HostReply): Value {
  return answer.ok ? answer.value : runtimeError(answer.error);
}
