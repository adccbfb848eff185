/** What the model takes for given: change it to what you have. */
export const checkpoints = 20

export const executionsADay = [1e4, 1e6, 1e8]

/** A run of an execution: it looks for its head, saves after each step, and is looked at once. */
export const verbs = { save: checkpoints, latest: 1, load: 1 }

/** Days until a checkpoint expires. */
export const days = 7

/** The busiest hour beside the mean of the day. */
export const peak = 5

/** Share of one core that a master may use at the peak, so that a burst finds room. */
export const utilization = 0.5

/** Bytes of data on one master: a fork for a snapshot or a new replica needs room as well. */
export const shardMemory = 16 * 1024 ** 3

/** Bytes a second through one master's network. */
export const shardNetwork = 125e6

export const shown: ReadonlyArray<ReadonlyArray<string>> = [
  ["checkpoints an execution", String(checkpoints)],
  ["verbs an execution", Object.entries(verbs).map(([verb, count]) => `${count} ${verb}`).join(", ")],
  ["checkpoints expire after", `${days} days`],
  ["peak beside the mean", `${peak} times`],
  ["use of a master's core at the peak", `${utilization * 100} %`],
  ["data on one master", `${shardMemory / 1024 ** 3} GiB`],
  ["network of one master", `${shardNetwork * 8 / 1e9} Gbit/s, half of it used`]
]
