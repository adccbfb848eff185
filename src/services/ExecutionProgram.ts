/**
 * Who runs an execution, and what it has recorded: the single steps of the runner as programs.
 *
 * A *lease* decides who may start. A random *fencing token* in every write decides who may write: it
 * outlives the lease, so a slow sole owner goes on, until another claim replaces it. A *commit* moves
 * the head by compare-and-set; a *memo* is a result under the current head, first writer wins, dropped
 * by the commit that moves the head, unless that is an edit and keeps it.
 *
 * They check nothing. Each is one script, atomic, repeatable after a lost reply, and fails with
 * `RedisCommandError`. All times are the server's, in milliseconds.
 *
 * @see https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html fencing tokens
 * @since 0.2.0
 */
export * from "../internal/programs/claiming.js"
export * from "../internal/programs/committing.js"
export * from "../internal/programs/recording.js"
