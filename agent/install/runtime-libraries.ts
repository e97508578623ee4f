/** Libraries that came along with the runtime: lean systems lack them. Only the runtime itself is to find them, nothing that it starts. */
import { dirname, join } from 'node:path'

/** Where the system's loader looks first; folders with `:` between them. */
const VARIABLE = 'LD_LIBRARY_PATH'
/** The folder as the installer lays it out, beside the runtime. */
const FOLDER = join(dirname(process.execPath), 'lib')

/** Takes the folder out of what processes started from here inherit: a kiosk's browser brings its own libraries. */
export function hideRuntimeLibraries(environment: NodeJS.ProcessEnv): void {
  const folders = environment[VARIABLE]?.split(':')
  if (!folders?.includes(FOLDER)) return
  const others = folders.filter(folder => folder !== FOLDER)
  if (others.length === 0) delete environment[VARIABLE]
  else environment[VARIABLE] = others.join(':')
}

/** The environment for running the runtime once more. */
export function withRuntimeLibraries(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = environment[VARIABLE]
  return { ...environment, [VARIABLE]: others === undefined || others === '' ? FOLDER : `${FOLDER}:${others}` }
}
