/** `uninstall`: stops the agent and leaves nothing of it on this machine. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childProcess } from '../builtin.ts'
import { readInstallation } from '../install/installation.ts'
import { runningAgentPid } from '../lock.ts'
import { EXIT, type CommandContext } from './command.ts'

const STOP_LIMIT_MS = 8_000
/** Files this program makes in its data folder; a folder holding anything else is not removed blindly. */
const OWN_FILES =
  /^(agent\.(json|json\.bak|pid)|agent\.json\.\d+|agent\.pid\.\d+|spool\.db.*|run\.json|inventory\.json|stop-note\.json|agent\.log|drives\.json.*|remedies\.json(\.\d+)?|kiosk-app\.(json|log)|recorder)$/

async function stopRunning(dataDir: string): Promise<boolean> {
  const pid = existsSync(dataDir) ? runningAgentPid(dataDir) : null
  if (pid === null) return true
  process.kill(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < STOP_LIMIT_MS; waitedMs += 100) {
    if (runningAgentPid(dataDir) !== pid) return true
    await sleep(100)
  }
  process.kill(pid, 'SIGKILL')
  await sleep(200)
  return runningAgentPid(dataDir) !== pid
}

/** Removes what this program wrote, and the folder when nothing else is in it. */
function removeDataDir(dataDir: string): string[] {
  if (!existsSync(dataDir)) return []
  const foreign = readdirSync(dataDir).filter(name => !OWN_FILES.test(name))
  for (const name of readdirSync(dataDir)) if (OWN_FILES.test(name)) rmSync(`${dataDir}/${name}`, { recursive: true, force: true })
  if (foreign.length > 0) return foreign
  rmdirSync(dataDir)
  return []
}

/** Runs `uninstall`. `givenDataDir` is what was typed; without it the installer's folder counts. */
export async function uninstallCommand(
  givenDataDir: string | undefined,
  { dataDir: usualDataDir, entryPath, say, complain }: CommandContext,
): Promise<number> {
  const installation = readInstallation(entryPath)
  const dataDir = givenDataDir === undefined && installation ? installation.dataDir : usualDataDir
  if (installation?.unit && existsSync(installation.unit)) {
    removeServices(installation.unit, complain)
    say(`Removed the service ${installation.unit} and its helper`)
  }
  if (!(await stopRunning(dataDir))) {
    complain('The running agent could not be stopped.')
    return EXIT.failed
  }
  const foreign = removeDataDir(dataDir)
  if (foreign.length > 0) complain(`${dataDir} stays, it holds other files: ${foreign.slice(0, 5).join(', ')}`)
  else say(`Removed the data folder ${dataDir}`)
  if (installation) {
    rmSync(installation.wrapper, { force: true })
    rmSync(installation.home, { recursive: true, force: true })
    say(`Removed the program ${installation.home} and ${installation.wrapper}`)
    removeEmptyParents(installation.home)
    if (installation.unit) removeAccount(complain)
  }
  say('The agent is gone from this machine. Retire the device in the console to free its place.')
  return foreign.length > 0 ? EXIT.failed : EXIT.ok
}

const HELPER_FILES = ['/etc/kioskeeper-agent', '/var/lib/kioskeeper-agent-helper', '/run/kioskeeper-agent']

function runQuietly(program: string, args: readonly string[]): string | null {
  try {
    childProcess().execFileSync(program, args, { stdio: 'ignore', timeout: 30_000 })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** Stops and removes the services: the agent's and its helper's. */
function removeServices(unit: string, complain: (line: string) => void): void {
  const folder = dirname(unit)
  const units = ['kioskeeper-agent.service', 'kioskeeper-agent-helper.socket', 'kioskeeper-agent-helper.service']
  for (const name of units) {
    if (!existsSync(join(folder, name))) continue
    const fault = runQuietly('systemctl', ['disable', '--now', name])
    if (fault !== null) complain(`${name} could not be stopped: ${fault}`)
    rmSync(join(folder, name), { force: true })
  }
  // without a running service manager there is nothing to reload
  runQuietly('systemctl', ['daemon-reload'])
}

/** Removes what only the service has: the helper's files and the agent's account. */
function removeAccount(complain: (line: string) => void): void {
  for (const path of HELPER_FILES) rmSync(path, { recursive: true, force: true })
  if (runQuietly('id', ['kioskeeper-agent']) !== null) return
  const fault = runQuietly('userdel', ['kioskeeper-agent'])
  if (fault !== null) complain(`The account kioskeeper-agent stays: ${fault}`)
}

/** A trial prefix of the installer leaves no empty `opt` behind; a folder with anything in it stays. */
function removeEmptyParents(home: string): void {
  const parent = dirname(home)
  if (['/opt', '/usr', '/usr/local', '/'].includes(parent)) return
  try {
    rmdirSync(parent)
  } catch {
    // not empty: not ours
  }
}
