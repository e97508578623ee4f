/** An error-level log line means a human must act now: a test that did not expect one fails. */
import { afterEach, expect } from 'vitest'
import { takeErrorLines } from './test-log.ts'

afterEach(() => {
  expect(takeErrorLines(), 'error-level log lines nobody expected').toEqual([])
})
