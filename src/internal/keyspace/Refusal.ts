/** Why a command is refused, in Redis' words. Thrown by handlers, caught where the command began. */
export class Refusal {
  constructor(readonly text: string) {}
}

export const refuse = (text: string): never => {
  throw new Refusal(text)
}

export const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"
export const syntaxError = "ERR syntax error"
export const notAnInteger = "ERR value is not an integer or out of range"
export const notAFloat = "ERR value is not a valid float"
export const overflow = "ERR increment or decrement would overflow"

export const wrongArity = (name: string): string => `ERR wrong number of arguments for '${name.toLowerCase()}' command`
export const invalidExpireTime = (name: string): string => `ERR invalid expire time in '${name}' command`
