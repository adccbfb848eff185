/** Properties draw the same cases in every run; `SEED=$RANDOM npm test` draws others. A failure prints its seed. */
import { FastCheck } from "effect"

FastCheck.configureGlobal({ ...FastCheck.readConfigureGlobal(), seed: Number(process.env["SEED"] ?? 20_261_123) })
