/** Only one agent of a machine starts an app at a time: a name the kernel gives to one process alone, and takes back when that ends. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/** Claims the start of what a command starts; null while another process has it. */
export async function claimStart(command: string): Promise<{ release(): void } | null> {
  const name = createHash('sha256').update(command).digest('hex').slice(0, 32)
  const server = createServer(socket => socket.destroy())
  const isOurs = await new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false))
    server.listen(`\0kioskeeper-start-${name}`, () => resolve(true))
  })
  return isOurs ? { release: () => void server.close() } : null
}
