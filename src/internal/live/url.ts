import * as Either from "effect/Either"

/** What a URL says, percent-decoded. */
export interface UrlParts {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly db?: number | undefined
  readonly tls: boolean
}

const nonEmpty = (encoded: string): string | undefined => encoded === "" ? undefined : decodeURIComponent(encoded)

const parts = (url: URL): Either.Either<UrlParts, string> => {
  const credentials = { username: nonEmpty(url.username), password: nonEmpty(url.password) }
  if (url.protocol === "unix:") {
    return Either.right({ ...credentials, path: decodeURIComponent(url.pathname), tls: false })
  }
  const db = /^\/?(\d*)\/?$/.exec(url.pathname)?.[1]
  if (db === undefined) return Either.left("the path must be the number of a database")
  return Either.right({
    ...credentials,
    host: nonEmpty(url.hostname.replace(/^\[(.*)\]$/, "$1")),
    port: url.port === "" ? undefined : Number(url.port),
    db: db === "" ? undefined : Number(db),
    tls: url.protocol === "rediss:"
  })
}

/** Never quotes the URL: it may hold a password. */
export const parseUrl = (text: string): Either.Either<UrlParts, string> => {
  if (!/^(rediss?|unix):\/\//i.test(text)) return Either.left("must begin with redis://, rediss:// or unix://")
  try {
    const url = new URL(text)
    return url.search === "" && url.hash === ""
      ? parts(url)
      : Either.left(
        "must not have a query or fragment; give options as fields, and percent-encode ? and # in a password"
      )
  } catch {
    return Either.left("is malformed; percent-encode what is not a letter or digit in user and password")
  }
}
