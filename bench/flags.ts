/** What was asked for on the command line. */
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    small: { type: "boolean", default: false }
  }
})

/** Cases whose name matches: `--only "save.*x 64"`. */
export const only = new RegExp(values.only, "i")

/** Few sizes and few fibers, for a quick look and for CI. */
export const small = values.small
