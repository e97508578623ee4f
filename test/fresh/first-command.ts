/** `npm ci && npm start` on a fresh system, with the Node and npm that people have there. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { addNode, childrenOf, debian, must, runInside, start, type Place, type Setting } from './system.ts'

/** `tooOld`: this Node is not among the promised ones; one line has to say what to do. */
export type Machine = { suite: string; packages?: readonly string[]; node?: string; npm?: string; tooOld?: true }
/** What was seen; `faults` is empty when everything was as it must be. */
export type FirstCommand = { versions: string; ciSeconds: number; readySeconds: number; faults: string[] }

const READY = /Kioskeeper \S+ is ready: (http:\/\/\S+)/
const READY_LIMIT_MS = 180_000
const PORTS = { KIOSKEEPER_HTTP_PORT: '0', KIOSKEEPER_HTTPS_PORT: '0', KIOSKEEPER_MQTT_PORT: '0', KIOSKEEPER_MQTTS_PORT: '0' }

/** How npm reaches the registry on this machine, told to the npm inside; its cache is shared. */
async function npmSetting(place: Place): Promise<Setting> {
  const ask = async (key: string) => (await must('npm', ['config', 'get', key])).trim()
  const [registry, cache, cafile] = [await ask('registry'), await ask('cache'), await ask('cafile')]
  const env: Record<string, string> = {
    npm_config_registry: registry,
    npm_config_cache: '/npm-cache',
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
  }
  if (existsSync(cafile)) {
    await must('cp', ['-L', cafile, join(place.root, 'authorities.pem')])
    env['npm_config_cafile'] = '/authorities.pem'
  }
  return { env, binds: existsSync(cache) ? [[cache, '/npm-cache']] : [] }
}

/** A started server inside: waits for its line, answers how it ends. */
async function startServer(
  place: Place,
  setting: Setting,
): Promise<{ child: ChildProcess; url: string; seconds: number; ended: Promise<number | null> }> {
  const startedMs = performance.now()
  // a session of its own: npm and what it starts are the group that a terminal tells of Ctrl-C
  const child = start(place, 'cd /kioskeeper && exec setsid npm start', { ...setting, env: { ...setting.env, ...PORTS } })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  let out = ''
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready after ${READY_LIMIT_MS / 1000} s:\n${out.slice(-2000)}`)), READY_LIMIT_MS)
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        out += chunk.toString()
        const ready = READY.exec(out)?.[1]
        if (ready === undefined) return
        clearTimeout(limit)
        resolve(ready)
      })
    void ended.then(code => reject(new Error(`npm start ended with ${code}:\n${out.slice(-2000)}`)))
  })
  return { child, url, seconds: Math.round((performance.now() - startedMs) / 100) / 10, ended }
}

/** The process of npm: below unshare stands the shell that made the mounts, and below that npm. */
function npmOf(child: ChildProcess): number {
  const [shell] = childrenOf(child.pid as number)
  const [npm] = childrenOf(shell ?? 0)
  if (npm === undefined) throw new Error('npm does not run')
  return npm
}

/** Tries everything the README promises of the first command on one machine. */
export async function tryFirstCommand(machine: Machine, sources: string): Promise<FirstCommand> {
  const place = await debian(machine.suite, machine.packages ?? [])
  const faults: string[] = []
  const expect = (what: string, holds: boolean, out: string) => {
    if (!holds) faults.push(`${what}\n${out.slice(-1500)}`)
  }
  try {
    if (machine.node !== undefined && machine.npm !== undefined) await addNode(place, machine.node, machine.npm)
    await must('mkdir', [join(place.root, 'kioskeeper')])
    await must('tar', ['-xf', sources, '-C', join(place.root, 'kioskeeper')])
    const setting = await npmSetting(place)
    const inside = (line: string, env: Record<string, string> = {}) =>
      runInside(place, `cd /kioskeeper && ${line}`, { ...setting, env: { ...setting.env, ...env } })

    const versions = (await inside('printf "Node %s, npm %s" "$(node --version)" "$(npm --version)"')).out
    const install = await inside('npm ci')
    expect('npm ci does not work', install.code === 0, install.out)
    if (machine.tooOld) {
      const refused = await inside('npm start')
      expect('too old a Node does not end with 2', refused.code === 2, refused.out)
      expect(
        'too old a Node is not named in one line',
        refused.out
          .trimEnd()
          .split('\n')
          .filter(line => line !== '' && !line.startsWith('> ')).length === 1,
        refused.out,
      )
      return { versions, ciSeconds: install.seconds, readySeconds: 0, faults }
    }
    const tests = await inside('npm test -- --version')
    expect("npm test does not run on the project's Node", tests.code === 0 && /on Node v26\./.test(tests.out), tests.out)
    const agent = await inside('npm run --silent kioskeeper -- agent version')
    expect('the command line does not start', agent.code === 0 && /^\d+\.\d+\.\d+\s*$/.test(agent.out), agent.out)

    const first = await startServer(place, setting)
    const ready = await fetch(`${first.url}/readyz`)
    expect('not ready', ready.ok, await ready.text())
    const page = await fetch(first.url)
    expect('no console', (await page.text()).includes('<div id="root"'), 'the console has no root element')
    process.kill(-npmOf(first.child), 'SIGINT')
    expect('Ctrl-C does not end with 0', (await first.ended) === 0, String(await first.ended))

    const second = await startServer(place, setting)
    process.kill(npmOf(second.child), 'SIGTERM')
    expect('SIGTERM to npm does not end with 0', (await second.ended) === 0, String(await second.ended))

    const wrong = await inside('npm start', { KIOSKEEPER_HTTP_PORT: 'eighty' })
    expect('a wrong setting does not end with 2', wrong.code === 2 && wrong.out.includes('KIOSKEEPER_HTTP_PORT'), wrong.out)
    expect('a wrong setting prints a stack', !/^\s+at .*:\d+:\d+/m.test(wrong.out), wrong.out)
    return { versions, ciSeconds: install.seconds, readySeconds: first.seconds, faults }
  } catch (error) {
    return {
      versions: `${machine.suite} ${machine.node ?? ''}`,
      ciSeconds: 0,
      readySeconds: 0,
      faults: [...faults, (error as Error).message],
    }
  } finally {
    place.remove()
  }
}
