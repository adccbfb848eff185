/** How many servers a number of executions needs, from the results of the last `npm run bench`. */
import { sizeName } from "./case.js"
import { write } from "./flags.js"
import { type Section, writeSections } from "./report/sections.js"
import { readResults } from "./results.js"
import * as Assumed from "./scale/assumptions.js"
import { type Need, needOf, type Price, pricesOf } from "./scale/model.js"
import { markdown, time } from "./table.js"

const sizes = [1024, 10 * 1024]
const results = readResults()

const count = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(2)))

const amount = (bytes: number): string => {
  const power = Math.max(0, Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${count(bytes / 1024 ** power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`
}

const priceCells = ({ alone, bytes, bytesIn, bytesOut, client, execution, roundTrips, server, verb }: Price) => [
  verb,
  sizeName(bytes),
  time(execution),
  time(server),
  time(client),
  amount(bytesIn),
  amount(bytesOut),
  String(Math.round(roundTrips)),
  time(alone)
]

const needCells = ({ bytes, clientCores, executions, memory, network, saves, serverCores, shards }: Need) => [
  executions.toLocaleString("en"),
  sizeName(bytes),
  count(saves),
  count(serverCores),
  count(clientCores),
  `${amount(network)}/s`,
  amount(memory),
  count(Math.max(shards.processor, shards.memory, shards.network)),
  Object.entries(shards).reduce((most, one) => one[1] > most[1] ? one : most)[0]
]

const hotCells = ({ alone, bytes, server }: Price) => [
  sizeName(bytes),
  count(1e6 / alone),
  count(1e6 / server)
]

const prices = sizes.flatMap((bytes) => pricesOf(results, bytes))
const needs = sizes.flatMap((bytes) => Assumed.executionsADay.map((executions) => needOf(results, bytes, executions)))
const saves = prices.filter(({ verb }) => verb === "save")

const sections: ReadonlyArray<Section> = [
  { name: "machine", text: results.machine },
  { name: "assumptions", text: markdown(["assumption", "value"], Assumed.shown) },
  {
    name: "prices",
    text: markdown(
      ["verb", "state", "execution", "server", "client", "to Redis", "from Redis", "round trips", "alone"],
      prices.map(priceCells)
    )
  },
  {
    name: "needs",
    text: markdown(
      [
        "executions a day",
        "state",
        "saves/s at the peak",
        "server cores",
        "client cores",
        "network",
        "memory",
        "masters",
        "decided by"
      ],
      needs.map(needCells)
    )
  },
  { name: "hot", text: markdown(["state", "steps/s of one execution", "saves/s of one master"], saves.map(hotCells)) }
]

for (const { name, text } of sections) console.log(`\n${name}\n\n${text}`)
if (write) writeSections("docs/scale.md", sections)
