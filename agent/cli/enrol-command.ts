/** `enrol`: asks the server for a place with a token, and says in words what came of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readCaFile, tryEnrolment, type EnrolmentWish } from '../link/device-enrolment.ts'
import { parseServerUrl, type EnrolAnswer } from '../link/enrol-client.ts'
import { takeLock } from '../platform/lock.ts'
import { makeDataDir, openAgentStore } from '../platform/state.ts'
import { EXIT, type CommandContext } from './command.ts'

const WAIT_POLL_MS = 5_000

export type EnrolOptions = { server?: string | undefined; token?: string | undefined; caFile?: string | undefined; wait: boolean }

/** What an installer has to know of a device beyond the plan. */
const ADDITIONAL_TEXT = [
  'This device is additional: all devices that the plan includes are in use. It is watched like the others and billed separately, per device and day.',
  'To have it without extra cost: retire a device that is no longer used, or extend the plan.',
]

/** The device limit in words: what the plan holds, what follows, what to do. */
export function waitingText(answer: Extract<EnrolAnswer, { kind: 'waiting' }>): string[] {
  const number = (value: number | null) => (value === null ? 'an unknown number of' : String(value))
  const [devices, are] = [answer.included === 1 ? 'device' : 'devices', answer.covered === 1 ? 'is' : 'are']
  return [
    `Device limit reached: ${answer.text}`,
    `The plan includes ${number(answer.included)} ${devices}, ${number(answer.covered)} ${are} covered. This device is known and waits for a free place.`,
    `Device id: ${answer.deviceId ?? 'unknown'} (state: waiting)`,
    'To let it in: retire a device that is no longer used, or extend the plan. The agent then enters by itself; nothing has to be done here.',
  ]
}

function answerText(answer: EnrolAnswer): { lines: string[]; exit: number } {
  switch (answer.kind) {
    case 'admitted': {
      const { deviceId, state } = answer.admission
      const lines = [`Enrolled. Device id: ${deviceId} (state: ${state})`]
      return { lines: state === 'additional' ? [...lines, ...ADDITIONAL_TEXT] : lines, exit: EXIT.ok }
    }
    case 'waiting':
      return { lines: waitingText(answer), exit: EXIT.deviceLimit }
    case 'token-refused':
      return {
        lines: [`Token refused: ${answer.text}`, 'Make a new enrolment token in the console and use it with the same command.'],
        exit: EXIT.tokenRefused,
      }
    default:
      return { lines: [`Enrolment failed: ${answer.text}`], exit: EXIT.failed }
  }
}

function readWish(
  options: EnrolOptions,
  known: { serverUrl: string | null; token: string | null; caPem: string | null },
): EnrolmentWish | string {
  const typed = options.server ?? known.serverUrl
  const token = options.token ?? known.token
  if (!typed) return 'Give the server with --server URL.'
  if (!token) return 'Give the enrolment token with --token TOKEN.'
  const server = parseServerUrl(typed)
  if (!server.ok) return server.text
  let { caPem } = known
  // an authority learnt from another server vouches for nothing here
  if (known.serverUrl !== null && new URL(known.serverUrl).origin !== server.url.origin) caPem = null
  if (options.caFile !== undefined) {
    const file = readCaFile(options.caFile)
    if (!file.ok) return file.text
    caPem = file.pem
  }
  return { serverUrl: server.url.href, token, caPem }
}

/** Runs `enrol`; answers the exit code. */
export async function enrolCommand(options: EnrolOptions, { dataDir, environment, say, complain }: CommandContext): Promise<number> {
  makeDataDir(dataDir)
  const lock = takeLock(dataDir)
  if (!lock.ok) {
    complain(`The agent is running on ${dataDir} (process ${lock.pid}). Stop it first: systemctl stop kioskeeper-agent`)
    return EXIT.failed
  }
  try {
    const store = await openAgentStore(dataDir)
    const wish = readWish(options, store.data)
    if (typeof wish === 'string') {
      complain(wish)
      return EXIT.usage
    }
    let lastText = ''
    for (;;) {
      const answer = await tryEnrolment(store, wish, environment)
      const { lines, exit } = answerText(answer)
      const text = lines.join('\n')
      // waiting may take days: the same words are not repeated every 5 s
      if (text !== lastText) (exit === EXIT.ok ? say : complain)(text)
      lastText = text
      const isFinal = answer.kind === 'admitted' || answer.kind === 'token-refused'
      if (isFinal || !options.wait) return exit
      const retryAfterMs = answer.kind === 'failed' ? (answer.retryAfterSeconds ?? 0) * 1000 : 0
      await sleep(Math.max(WAIT_POLL_MS, retryAfterMs))
    }
  } finally {
    lock.release()
  }
}
