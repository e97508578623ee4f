/** The agent's command line: `kioskeeper-agent <command>`. Commands load only what they need, so `run` stays small in memory. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EXIT, type CommandContext } from './cli/command.ts'
import { hideRuntimeLibraries } from './install/runtime-libraries.ts'
import { defaultDataDir, StateFault } from './platform/state.ts'
import { agentVersion } from './platform/version.ts'

const DATA_DIR_LINE = `  --data-dir DIR   data folder (default ${defaultDataDir()})`
const HELP_LINE = '  --help           this text'

type Command = {
  summary: string
  usage: string
  lines: string[]
  options: Record<string, { type: 'string' | 'boolean' }>
  run(values: Record<string, string | boolean | undefined>, context: CommandContext): Promise<number>
}

const textOf = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined)

const COMMANDS: Record<string, Command> = {
  enrol: {
    summary: 'register this machine with a server',
    usage: 'enrol --server URL --token TOKEN [--ca-file FILE] [--wait] [--data-dir DIR]',
    lines: [
      '  --server URL     address of the server',
      '  --token TOKEN    enrolment token (ket_...)',
      '  --ca-file FILE   certificate authority of the server, PEM',
      '  --wait           keep asking until the device is admitted',
      'Exit codes: 0 enrolled, 1 failed, 2 wrong use, 3 device limit reached (the device waits), 4 token refused',
    ],
    options: { server: { type: 'string' }, token: { type: 'string' }, 'ca-file': { type: 'string' }, wait: { type: 'boolean' } },
    async run(values, context) {
      const { enrolCommand } = await import('./cli/enrol-command.ts')
      return enrolCommand(
        { server: textOf(values.server), token: textOf(values.token), caFile: textOf(values['ca-file']), wait: values.wait === true },
        context,
      )
    },
  },
  run: {
    summary: 'watch this machine, in the foreground',
    usage: 'run [--data-dir DIR]',
    lines: ['Logs JSON to standard output; stops on SIGTERM or Ctrl-C with a goodbye to the server.'],
    options: {},
    async run(_, context) {
      const { runCommand } = await import('./cli/run-command.ts')
      return runCommand(context)
    },
  },
  status: {
    summary: 'what the agent is doing',
    usage: 'status [--json] [--data-dir DIR]',
    lines: ['  --json           for programs'],
    options: { json: { type: 'boolean' } },
    async run(values, context) {
      const { statusCommand } = await import('./cli/status-command.ts')
      return statusCommand(values.json === true, context)
    },
  },
  doctor: {
    summary: 'check everything the agent needs (PASS/FAIL lines)',
    usage: 'doctor [--data-dir DIR]',
    lines: ['Exit codes: 0 every check passed, 1 a check failed'],
    options: {},
    async run(_, context) {
      const { doctorCommand } = await import('./cli/doctor-command.ts')
      return doctorCommand(context)
    },
  },
  uninstall: {
    summary: 'stop the agent and remove everything of it from this machine',
    usage: 'uninstall [--data-dir DIR]',
    lines: ['Removes service, program, runtime and data. The server is not told: retire the device in the console.'],
    options: {},
    async run(values, context) {
      const { uninstallCommand } = await import('./cli/uninstall-command.ts')
      return uninstallCommand(textOf(values['data-dir']), context)
    },
  },
  helper: {
    summary: 'do for the agent what only root may do (a service runs this)',
    usage: 'helper [--socket PATH]',
    lines: ['  --socket PATH    listen here when no service manager hands a socket on'],
    options: { socket: { type: 'string' } },
    async run(values, context) {
      const { helperCommand } = await import('./cli/helper-command.ts')
      return helperCommand(textOf(values.socket), context)
    },
  },
  inventory: {
    summary: 'print the inventory of this machine as JSON',
    usage: 'inventory',
    lines: [],
    options: {},
    async run(_, context) {
      const { collectInventory } = await import('./probes/inventory.ts')
      context.say(JSON.stringify(await collectInventory()))
      return EXIT.ok
    },
  },
  version: {
    summary: 'print the version',
    usage: 'version',
    lines: [],
    options: {},
    async run(_, context) {
      context.say(agentVersion())
      return EXIT.ok
    },
  },
}

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, command]) => `  ${name.padEnd(10)} ${command.summary}`)
  return ['Usage: kioskeeper-agent <command> [options]', '', ...rows, '', 'kioskeeper-agent <command> --help tells its options.'].join('\n')
}

/** Runs one command; answers the exit code. Never throws: what goes wrong is told in words on standard error. */
export async function runAgentCli(argv: string[]): Promise<number> {
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  const complain = (line: string) => void process.stderr.write(`${line}\n`)
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    say(overview())
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  const command = Object.hasOwn(COMMANDS, name === '--version' ? 'version' : name)
    ? COMMANDS[name === '--version' ? 'version' : name]
    : undefined
  if (!command) {
    complain(`Unknown command ${name}\n\n${overview()}`)
    return EXIT.usage
  }
  try {
    const { values } = parseArgs({
      args: rest,
      options: { ...command.options, 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    const given = values as Record<string, string | boolean | undefined>
    if (given.help === true) {
      say([`Usage: kioskeeper-agent ${command.usage}`, ...command.lines, DATA_DIR_LINE, HELP_LINE].join('\n'))
      return EXIT.ok
    }
    const dataDir = resolve(textOf(given['data-dir']) ?? defaultDataDir())
    return await command.run(given, { dataDir, environment: process.env, entryPath: fileURLToPath(import.meta.url), say, complain })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code?.startsWith('ERR_PARSE_ARGS')) {
      complain(`${message}\nkioskeeper-agent ${name} --help tells its options.`)
      return EXIT.usage
    }
    complain(error instanceof StateFault || code !== undefined ? message : ((error as Error).stack ?? message))
    return EXIT.failed
  }
}

function isMain(): boolean {
  try {
    return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}

if (isMain()) {
  hideRuntimeLibraries(process.env)
  // who read the first lines and left (`| head`) has what was wanted
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed))
  process.exitCode = await runAgentCli(process.argv.slice(2))
}
