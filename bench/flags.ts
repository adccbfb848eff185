/** What was asked for on the command line. */
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    small: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    bounds: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    last: { type: "boolean", default: false }
  }
})

/** Cases whose name matches: `--only "save.*x 64"`. */
export const only = new RegExp(values.only, "i")

/** Compare with bench/bounds.json, and fail below. */
export const check = values.check

/** Write bench/bounds.json from this run. */
export const bounds = values.bounds

/** Few sizes and few fibers, for a quick look and for CI. */
export const small = values.small || check || bounds

/** Put the tables and the plot into the documents. */
export const write = values.write

/** Take the results of the last run: measure nothing. */
export const last = values.last
