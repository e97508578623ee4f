/** The command line of the installation: tokens, settings, backup, restore, doctor, and the agent's own commands. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { runAgentCli } from '../../agent/main.ts'
import { readSettings, SETTINGS, SettingsError, storeLocation } from '../config.ts'
import { ROLES, type Role } from '../platform/caller.ts'
import { DomainError } from '../platform/errors.ts'
import { makeAccounts } from '../accounts/accounts.ts'
import { onStopSignal } from '../platform/stop-signals.ts'
import { restoreBackup, writeBackup } from '../database/backup.ts'
import { openStore } from '../database/database.ts'
import { runDoctor } from './doctor.ts'
import { startProbe } from './probe.ts'
import { findCustomer } from '../customers/store/customer-store.ts'
import { findPartner } from '../customers/store/partner-store.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function createToken(options: { role: string; name: string; customer?: string; partner?: string }): Promise<void> {
  const store = await openStore(storeLocation(readSettings(process.env)))
  try {
    if (options.customer && !(await findCustomer(store.db, options.customer))) throw new Error(`There is no customer ${options.customer}.`)
    if (options.partner && !(await findPartner(store.db, options.partner))) throw new Error(`There is no partner ${options.partner}.`)
    const accounts = makeAccounts({ db: store.db, now: () => Date.now(), adminToken: null })
    const { token } = await accounts.createToken({
      name: options.name,
      role: options.role as Role,
      customerId: options.customer ?? null,
      partnerId: options.partner ?? null,
      createdBy: 'command-line',
    })
    say(token)
  } finally {
    await store.close()
  }
}

function printSettings(): void {
  const width = Math.max(...SETTINGS.map(setting => setting.variable.length))
  for (const setting of SETTINGS) {
    const given = process.env[setting.variable]
    const shown = given === undefined || given === '' ? setting.default || '(none)' : setting.secret ? '(set)' : given
    say(`${setting.variable.padEnd(width)}  ${shown}\n${' '.repeat(width)}  ${setting.about}`)
  }
}

/** Looks from outside until it is stopped. The token may come from the environment: a command line is there for all to read. */
async function runProbe(options: { url: string; name: string; every: string; state: string }): Promise<void> {
  const token = process.env['KIOSKEEPER_PROBE_TOKEN'] ?? ''
  const everySeconds = Number(options.every)
  if (token === '')
    throw new Error('Set KIOSKEEPER_PROBE_TOKEN to a token of role desk (kioskeeper token create --role desk --name probe).')
  if (!URL.canParse(options.url)) throw new Error(`--url must be the address of the server, not ${options.url}`)
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(options.name)) throw new Error('--name must be letters, digits, dots or dashes, at most 64')
  if (!(everySeconds >= 1 && everySeconds <= 60)) throw new Error('--every must be 1 to 60 seconds')
  const probe = startProbe({
    url: options.url,
    name: options.name,
    token,
    everyMs: everySeconds * 1000,
    stateFile: options.state,
    now: () => Date.now(),
    say: text => say(`${new Date().toISOString()} ${text}`),
  })
  await new Promise<void>(resolve => onStopSignal(resolve))
  await probe.stop()
}

function program(): Command {
  const command = new Command('kioskeeper').description('Kioskeeper: watches kiosks and keeps its promises').exitOverride()
  const token = command.command('token').description('bearer tokens for the API')
  token
    .command('create')
    .description('make a bearer token and print it once')
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`, value => {
      if (!(ROLES as readonly string[]).includes(value))
        throw new CommanderError(2, 'kioskeeper.role', `error: --role must be one of ${ROLES.join(', ')}`)
      return value
    })
    .requiredOption('--name <name>', 'what it is for')
    .option('--customer <id>', 'the customer a token with role customer speaks for')
    .option('--partner <id>', 'the partner a token with role partner speaks for')
    .action(createToken)
  command.command('settings').description('every setting, its value and what it does').action(printSettings)
  command
    .command('backup <file>')
    .description('copy the whole installation into one file while it runs (keep it secret: it holds private keys)')
    .action(async (file: string) => {
      const { dataDir } = readSettings(process.env)
      const { bytes } = await writeBackup(dataDir, file)
      say(`Wrote ${file} (${Math.round(bytes / 1024)} KiB). It holds private keys: keep it as safe as the server.`)
      const evidence = join(dataDir, 'evidence')
      if (existsSync(evidence)) say(`Files of evidence are not in it: copy the folder ${evidence} beside it.`)
    })
  command
    .command('restore <file>')
    .description('put a backup into an empty data folder')
    .action((file: string) => {
      const { dataDir } = readSettings(process.env)
      restoreBackup(dataDir, file)
      say(`Restored into ${dataDir}. Start the server to use it.`)
    })
  command
    .command('doctor')
    .description('check this installation: PASS or FAIL a line')
    .action(async () => {
      if (!(await runDoctor(readSettings(process.env), say))) process.exitCode = 1
    })
  command
    .command('probe')
    .description('look at the platform from outside and report to it; its token in KIOSKEEPER_PROBE_TOKEN')
    .requiredOption('--url <url>', 'address of the server as customers reach it (own authority: NODE_EXTRA_CA_CERTS=ca.pem)')
    .requiredOption('--name <name>', 'name of this probe')
    .option('--every <seconds>', 'time between two looks', '5')
    .option('--state <file>', 'what it remembers', './kioskeeper-probe.json')
    .action(runProbe)
  command
    .command('agent')
    .description('the device agent: enrol, run, status, doctor, uninstall')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[words...]')
  return command
}

/** Runs one command line; answers the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words[0] === 'agent') return runAgentCli(words.slice(1))
  try {
    await program().parseAsync([...words], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'kioskeeper.role') process.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    if (error instanceof SettingsError) {
      for (const fault of error.faults) process.stderr.write(`${fault}\n`)
      return 2
    }
    process.stderr.write(`${error instanceof DomainError || error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
