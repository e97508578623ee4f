/** Asks the helper for what only root may do. */
import { connect } from 'node:net'
import { Refused } from './refused.ts'
import { HELPER_SOCKET, parseAnswer, type Verb } from './protocol.ts'

const LIMIT_MS = 120_000
const MAX_ANSWER_CHARS = 256 * 1024
const ABSENT = 'The helper with the rights for it is not installed or not running: install the agent as a service (install.sh as root).'

export type AskHelper = (verb: Verb, args?: readonly string[]) => Promise<string>

/** Makes the way to the helper. Answers what it says was done; rejects with `Refused` when nothing was done, else with a sentence when it went wrong. */
export function makeHelperClient(path = process.env.KIOSKEEPER_HELPER_SOCKET ?? HELPER_SOCKET): AskHelper {
  return (verb, args = []) =>
    new Promise((resolve, reject) => {
      const socket = connect(path)
      let text = ''
      socket.setEncoding('utf8')
      socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('The helper does not answer.')))
      // a half-closed pipe: the helper answers and then ends it
      socket.once('connect', () => socket.write(`${JSON.stringify({ verb, args })}\n`))
      socket.on('data', (part: string) => {
        text += part
        if (text.length > MAX_ANSWER_CHARS) socket.destroy()
      })
      socket.once('error', error => {
        const { code } = error as NodeJS.ErrnoException
        const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EACCES' || code === 'ENOTDIR'
        reject(isAbsent ? new Refused(ABSENT) : error)
      })
      socket.once('close', () => {
        const answer = parseAnswer(text)
        if (answer?.outcome === 'done') resolve(answer.text)
        else if (answer?.outcome === 'refused') reject(new Refused(answer.text))
        else reject(new Error(answer?.text ?? 'The helper ended without an answer.'))
      })
    })
}
