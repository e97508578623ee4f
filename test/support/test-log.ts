/** The logger of tests: keeps error lines so that an unexpected one fails the test; a test that expects one takes it. */
import pino from 'pino'

let errorLines: string[] = []

/** Error-level lines since the last call; taking them says the test expected them. */
export function takeErrorLines(): string[] {
  const taken = errorLines
  errorLines = []
  return taken
}

/** A pino logger that prints nothing and remembers error lines. */
export function testLog(): pino.Logger {
  return pino({ level: 'error' }, { write: line => void errorLines.push(line) })
}
