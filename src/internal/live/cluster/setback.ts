import { RedisCommandError, type StorageError } from "../../../schema/Errors.js"

/** Why a part of a program is still without its reply. */
export class Setback {
  constructor(
    readonly error: StorageError,
    /** What is without a reply has not been applied, or may be applied twice. */
    readonly safe: boolean
  ) {}
}

/** No node has the slot, or none that was asked admits it. */
export const unmapped = new RedisCommandError({
  command: "CLUSTER",
  code: "CLUSTERDOWN",
  message: "CLUSTERDOWN no node of the cluster has the slot"
})
