/** Texts that must not come out, in the forms in which they could. */

/** What is stored: states, metadata, results, questions, answers, arguments. */
export const payload = "payload-mark/é-7f3a1c"

export const password = "password-mark/é-9b2d4e"

export const wrongPassword = "wrong-password-mark/é-51"

export const privateKey = "private-key-mark/é-c0ffee"

const forms = (mark: string): ReadonlyArray<string> => [
  mark,
  encodeURIComponent(mark),
  JSON.stringify(mark).slice(1, -1),
  ...[0, 1, 2].map((shift) => base64At(mark, shift)),
  Buffer.from(mark).toString("hex"),
  Buffer.from(mark).toString("latin1")
]

/** The part of the base64 of a longer text that this mark alone decides, wherever it begins. */
const base64At = (mark: string, shift: number): string =>
  Buffer.concat([Buffer.alloc(shift), Buffer.from(mark)]).toString("base64").slice(shift === 0 ? 0 : 4).slice(0, 20)

const marks = { payload, password, wrongPassword, privateKey }

/** Which marks a text shows, with what stands around them. */
export const shownIn = (text: string): ReadonlyArray<string> =>
  Object.entries(marks).flatMap(([name, mark]) =>
    forms(mark).flatMap((form) => {
      const at = text.indexOf(form)
      return at < 0 ? [] : [`${name}: ${text.slice(Math.max(0, at - 200), at + form.length + 100)}`]
    })
  )
