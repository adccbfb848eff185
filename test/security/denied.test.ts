/** The words in which the versions of Redis refuse what a script does. */
import { assert, describe, it } from "@effect/vitest"
import { Errors } from "effect-checkpoint"

const denials: ReadonlyArray<readonly [version: string, text: string]> = [
  [
    "6.2",
    "ERR Error running script (call to f_9bc0): @user_script:1: @user_script: 1: The user executing the script can't " +
    "run this command or subcommand"
  ],
  ["7.0", "ERR The user executing the script can't run this command or subcommand script: 9bc0, on @user_script:1."],
  [
    "7.2",
    "ERR ACL failure in script: User shop has no permissions to run the 'set' command script: 9bc0, on @user_script:1."
  ],
  ["any, outside of scripts", "NOPERM this user has no permissions to run the 'set' command"]
]

/** What 6.2 puts in front of an error that a script met. */
const inScript = "ERR Error running script (call to f_aa96): @user_script:1: "

const refusals: ReadonlyArray<readonly [code: string, text: string]> = [
  ["NOREPLICAS", `${inScript}@user_script: 1: -NOREPLICAS Not enough good replicas to write.`],
  ["OOM", `${inScript}@user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.`],
  ["READONLY", `${inScript}@user_script: 1: -READONLY You can't write against a read only replica.`],
  ["WRONGTYPE", `${inScript}WRONGTYPE Operation against a key holding the wrong kind of value`],
  ["ERR", `${inScript}@user_script: 1: Unknown Redis command called from Lua script`]
]

describe("what Redis 6.2 refuses in a script", () => {
  for (const [code, text] of refusals) {
    it(`is ${code}, as outside of one`, () => {
      const error = Errors.RedisCommandError.fromReply("save", text)
      assert.strictEqual(error.code, code)
      assert.notMatch(error.message, /user_script|f_aa96|^-/)
    })
  }
})

describe("what the ACL denies", () => {
  for (const [version, text] of denials) {
    it(`is NOPERM in the words of ${version}`, () => {
      const error = Errors.RedisCommandError.fromReply("save", text)
      assert.strictEqual(error.code, "NOPERM")
      assert.isFalse(error.retryable)
      assert.include(error.message, "the ACL user lacks a command or a key pattern")
      assert.notMatch(error.message, /user_script|9bc0/)
    })
  }
})
