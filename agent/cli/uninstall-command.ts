/** `uninstall`: stops the agent and leaves nothing of it on this machine. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childProcess } from '../platform/builtin.ts'
import { readInstallation } from '../install/installation.ts'
import { runningAgentPid } from '../platform/lock.ts'
import { EXIT, type CommandContext } from './command.ts'

const STOP_LIMIT_MS = 8_000
/** Files this program makes in its data folder; a folder holding anything else is not removed blindly. The same list stands in data-folder.sh. */
export const OWN_FILES =
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

/** Runs `uninstall`. What the installer put down is removed by the script it put beside it, which needs no runtime. */
export async function uninstallCommand(
  givenDataDir: string | undefined,
  { dataDir, entryPath, say, complain }: CommandContext,
): Promise<number> {
  const installation = readInstallation(entryPath)
  if (installation) {
    const place = givenDataDir === undefined ? [] : ['--data-dir', dataDir]
    return childProcess().spawnSync('sh', [join(installation.home, 'uninstall.sh'), ...place], { stdio: 'inherit' }).status ?? EXIT.failed
  }
  if (!(await stopRunning(dataDir))) {
    complain('The running agent could not be stopped.')
    return EXIT.failed
  }
  const foreign = removeDataDir(dataDir)
  if (foreign.length > 0) complain(`${dataDir} stays, it holds other files: ${foreign.slice(0, 5).join(', ')}`)
  else say(`Removed the data folder ${dataDir}`)
  say('The agent is gone from this machine. Retire the device in the console to free its place.')
  return foreign.length > 0 ? EXIT.failed : EXIT.ok
}
