/** The words in which the versions of Redis say that the ACL denies a command to a script. */
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
