/** Order of the test files: the long ones first, so that no worker has one of them left when the others have nothing to do. */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where minutes go, the longest first: real browsers, whole stories in real time, agents that wait for something. */
const LONG = [
  'test/browser/screens',
  'test/stories/',
  'test/browser/',
  'test/server/incidents/outages',
  'test/agent/',
  'test/isolation/',
  'test/broker/',
]

function rank(file: string): number {
  const path = relative(process.cwd(), file)
  const at = LONG.findIndex(start => path.startsWith(start))
  return at === -1 ? LONG.length : at
}

/** Vitest's own order within a rank: files that failed, then the longest of the last run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rank(one.moduleId) - rank(other.moduleId))
  }
}
