/** A real PostgreSQL of our own in a temporary folder: started once for the whole run, removed at its end. */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type PostgresServer = { url: string; stop(): void }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts the newest installed PostgreSQL; as root it runs under the `postgres` account, because the server refuses root. */
export async function startPostgres(): Promise<PostgresServer> {
  const versions = readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a))
  const bin = join('/usr/lib/postgresql', versions[0] ?? '', 'bin')
  const folder = mkdtempSync(join(tmpdir(), 'kioskeeper-pg-'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map(flag => Number(execFileSync('id', [flag, 'postgres']).toString()))
    chownSync(folder, uid as number, gid as number)
  }
  const run = (program: string, ...options: string[]): void => {
    const command = [join(bin, program), ...options]
    if (isRoot) execFileSync('runuser', ['-u', 'postgres', '--', ...command], { stdio: 'pipe', cwd: folder })
    else execFileSync(command[0] as string, command.slice(1), { stdio: 'pipe', cwd: folder })
  }
  const data = join(folder, 'data')
  const port = await freePort()
  run('initdb', '-D', data, '-A', 'trust', '-U', 'kioskeeper', '--no-sync', '-E', 'UTF8', '--locale', 'C')
  run(
    'pg_ctl',
    '-D',
    data,
    '-w',
    '-l',
    join(folder, 'log'),
    '-o',
    `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200`,
    'start',
  )
  return {
    url: `postgres://kioskeeper@127.0.0.1:${port}/postgres`,
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
