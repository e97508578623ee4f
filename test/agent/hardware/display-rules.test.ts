import { describe, expect, it } from 'vitest'
import type { Connector } from '../../../agent/probes/display/connectors.ts'
import type { CurrentMode } from '../../../agent/probes/display/current-mode.ts'
import type { DdcState } from '../../../agent/probes/display/ddc.ts'
import { displayComponents, judgeDisplays, type DisplayFacts } from '../../../agent/signals/display-rules.ts'
import type { ExpectedDisplay } from '../../../shared/profile.ts'
import { buildEdid } from './edid-builder.ts'

const lit = (change: Partial<Connector> = {}): Connector => ({
  name: 'HDMI-A-1',
  card: 'card0',
  status: 'connected',
  isEnabled: true,
  power: 'on',
  modes: ['1920x1080', '1024x768'],
  edid: buildEdid(),
  ...change,
})
const gone = (name = 'HDMI-A-1') => lit({ name, status: 'disconnected', isEnabled: false, power: 'off', modes: [], edid: null })
const mode = (change: Partial<CurrentMode> = {}): CurrentMode => ({
  connector: 'HDMI-1',
  width: 1920,
  height: 1080,
  x: 0,
  y: 0,
  rotation: 0,
  ...change,
})
const facts = (
  connectors: Connector[] | null,
  modes: CurrentMode[] | null = [mode()],
  more: { isAsleep?: boolean; ddc?: DdcState; changes?: number } = {},
): DisplayFacts => ({
  connectors,
  current: { modes, isAsleep: more.isAsleep ?? null, why: modes ? '' : 'there is no X server' },
  ddc: new Map(more.ddc ? [['card0-HDMI-A-1', more.ddc]] : []),
  changes: new Map(more.changes === undefined ? [] : [['card0-HDMI-A-1', more.changes]]),
})
const judge = (expected: ExpectedDisplay, given: DisplayFacts) =>
  Object.fromEntries(
    judgeDisplays([expected], given).map(({ key, verdict, evidence }) => [
      key.replace('display.', ''),
      verdict === 'failing' ? (evidence?.['diagnosis'] as string) : verdict,
    ]),
  )
const WELL = { disconnected: 'ok', off: 'ok', 'wrong-mode': 'ok' }
const wanted = { connector: 'HDMI-A-1', width: 1920, height: 1080 }

describe('one display', () => {
  it.each([
    { why: 'all is as it should be', expected: wanted, given: facts([lit()]), is: WELL },
    { why: 'any connected plug will do when none is named', expected: {}, given: facts([gone('DP-1'), lit()]), is: WELL },
    {
      why: 'nothing on the plug: cable out, and one fault is one signal',
      expected: wanted,
      given: facts([gone()]),
      is: { disconnected: 'cable-out', off: 'unknown', 'wrong-mode': 'unknown' },
    },
    {
      why: 'the named plug does not exist',
      expected: { connector: 'DP-9' },
      given: facts([lit()]),
      is: { disconnected: 'cable-out', off: 'unknown', 'wrong-mode': 'unknown' },
    },
    {
      why: 'connected without modes is not connected',
      expected: wanted,
      given: facts([lit({ modes: [], edid: null })]),
      is: { disconnected: 'no-modes', off: 'unknown', 'wrong-mode': 'unknown' },
    },
    {
      why: 'power saving of the kernel',
      expected: wanted,
      given: facts([lit({ power: 'off' })], [mode({ rotation: null, x: null, y: null })]),
      is: { ...WELL, off: 'display-off' },
    },
    {
      why: 'power saving of the X server',
      expected: wanted,
      given: facts([lit()], [mode()], { isAsleep: true }),
      is: { ...WELL, off: 'display-off' },
    },
    {
      why: 'nothing is fed to the plug',
      expected: wanted,
      given: facts([lit({ isEnabled: false })], []),
      is: { ...WELL, off: 'not-driven', 'wrong-mode': 'unknown' },
    },
    {
      why: 'the kernel says off, but the X server shows it: its driver tells the kernel nothing',
      expected: wanted,
      given: facts([lit({ power: 'off', isEnabled: false })]),
      is: WELL,
    },
    {
      why: 'off by its own word',
      expected: wanted,
      given: facts([lit()], [mode()], { ddc: { power: 'off', input: null } }),
      is: { ...WELL, off: 'display-off' },
    },
    {
      why: 'shows another input',
      expected: wanted,
      given: facts([lit()], [mode()], { ddc: { power: 'on', input: 'DP' } }),
      is: { ...WELL, off: 'wrong-input' },
    },
    {
      why: 'shows an input of this kind: which one nobody says',
      expected: wanted,
      given: facts([lit()], [mode()], { ddc: { power: 'on', input: 'HDMI' } }),
      is: WELL,
    },
    { why: 'it may be off', expected: { ...wanted, mustBeOn: false }, given: facts([lit({ power: 'off', isEnabled: false })]), is: WELL },
    {
      why: 'EDID lost: the fallback mode without a description',
      expected: wanted,
      given: facts([lit({ edid: null, modes: ['1024x768'] })], [mode({ width: 1024, height: 768 })]),
      is: { ...WELL, 'wrong-mode': 'edid-lost' },
    },
    {
      why: 'EDID lost is seen without knowing the mode in use',
      expected: wanted,
      given: facts([lit({ edid: null, modes: ['1024x768'] })], null),
      is: { ...WELL, 'wrong-mode': 'edid-lost' },
    },
    { why: 'no EDID but the right mode: panels without one exist', expected: wanted, given: facts([lit({ edid: null })]), is: WELL },
    {
      why: 'no EDID and 1024x768 wanted',
      expected: { width: 1024, height: 768 },
      given: facts([lit({ edid: null, modes: ['1024x768'] })], [mode({ width: 1024, height: 768 })]),
      is: WELL,
    },
    {
      why: 'smaller than wanted',
      expected: wanted,
      given: facts([lit()], [mode({ width: 1280, height: 720 })]),
      is: { ...WELL, 'wrong-mode': 'wrong-mode' },
    },
    {
      why: 'portrait wanted, landscape shown',
      expected: { orientation: 'portrait' as const },
      given: facts([lit()]),
      is: { ...WELL, 'wrong-mode': 'wrong-mode' },
    },
    {
      why: 'turned the wrong way',
      expected: { rotation: 90 },
      given: facts([lit()], [mode({ rotation: 270 })]),
      is: { ...WELL, 'wrong-mode': 'wrong-mode' },
    },
    { why: 'at the wrong place', expected: { x: 1920 }, given: facts([lit()]), is: { ...WELL, 'wrong-mode': 'wrong-mode' } },
    {
      why: 'the kernel does not tell the turn: the size may be either way',
      expected: { width: 1080, height: 1920 },
      given: facts([lit()], [mode({ rotation: null, x: null, y: null })]),
      is: WELL,
    },
    {
      why: 'a turn is asked for that nobody tells',
      expected: { rotation: 90 },
      given: facts([lit()], [mode({ rotation: null, x: null, y: null })]),
      is: { ...WELL, 'wrong-mode': 'unknown' },
    },
    {
      why: 'a mode is asked for that nobody tells',
      expected: wanted,
      given: facts([lit()], null),
      is: { ...WELL, 'wrong-mode': 'unknown' },
    },
    { why: 'no mode is asked for', expected: {}, given: facts([lit()], null), is: WELL },
    {
      why: 'the driver does not say what is connected',
      expected: {},
      given: facts([lit({ status: 'unknown', isEnabled: null, power: null })], []),
      is: { disconnected: 'unknown', off: 'unknown', 'wrong-mode': 'ok' },
    },
    {
      why: 'the named plug does not say whether it is connected',
      expected: { connector: 'HDMI-A-1' },
      given: facts([lit({ status: 'unknown', isEnabled: null, power: null })], []),
      is: { disconnected: 'unknown', off: 'unknown', 'wrong-mode': 'ok' },
    },
    {
      why: 'a machine without plugs but with an X server',
      expected: wanted,
      given: facts(null, [mode({ connector: 'screen', width: 1024, height: 768 })]),
      is: { disconnected: 'unknown', off: 'unknown', 'wrong-mode': 'wrong-mode' },
    },
    {
      why: 'a machine that shows nothing',
      expected: wanted,
      given: facts(null, null),
      is: { disconnected: 'unknown', off: 'unknown', 'wrong-mode': 'unknown' },
    },
  ])('$why', ({ expected, given, is }) => {
    expect(judge(expected, given)).toEqual(is)
  })

  it('comes with one sentence of what to do and the state of its plug', () => {
    const [reading] = judgeDisplays([wanted], facts([gone()], [], { changes: 4 }))
    expect(reading).toMatchObject({
      text: expect.stringMatching(
        /^No display is seen on HDMI-A-1; it came and went 4 times in ten minutes\. Check that the display has power/,
      ),
      evidence: {
        diagnosis: 'cable-out',
        advice: expect.stringMatching(/^Check[^.]+\.$/),
        connector: { name: 'card0-HDMI-A-1', status: 'disconnected' },
      },
    })
  })
})

describe('several displays', () => {
  it('have components, one alone has none', () => {
    expect(displayComponents([{}])).toEqual([''])
    expect(displayComponents([{ connector: 'HDMI-A-1' }, {}, { connector: 'HDMI-A-1' }])).toEqual(['HDMI-A-1', 'display-2', 'HDMI-A-1-3'])
  })

  it('are each found on a plug of their own', () => {
    const both = [lit({ name: 'DP-1' }), lit()]
    const verdicts = (connectors: Connector[], expected: ExpectedDisplay[]) =>
      judgeDisplays(expected, facts(connectors, null))
        .filter(reading => reading.key.startsWith('display.disconnected'))
        .map(({ key, verdict }) => [key, verdict])
    expect(verdicts(both, [{}, { connector: 'DP-1' }])).toEqual([
      ['display.disconnected:display-1', 'ok'],
      ['display.disconnected:DP-1', 'ok'],
    ])
    expect(verdicts([lit({ name: 'DP-1' }), gone()], [{}, {}])).toEqual([
      ['display.disconnected:display-1', 'ok'],
      ['display.disconnected:display-2', 'failing'],
    ])
  })

  it('are missed in words that name what is known', () => {
    const text = (expected: ExpectedDisplay[], connectors: Connector[]) =>
      judgeDisplays(expected, facts(connectors, null))
        .findLast(reading => reading.verdict === 'failing')
        ?.text.split(/[.;] ?/, 1)[0]
    expect(text([{}], [gone()])).toBe('No display is connected')
    expect(text([{}, {}], [lit(), gone('DP-1')])).toBe('Fewer displays are connected than there must be')
    expect(text([{}, { connector: 'DP-1' }], [lit(), gone('DP-1')])).toBe('No display is seen on DP-1')
  })

  it('prefer the connected one of two plugs of the same name on two cards', () => {
    const [reading] = judgeDisplays([{ connector: 'HDMI-A-1' }], facts([gone(), lit({ card: 'card1' })]))
    expect(reading).toMatchObject({ key: 'display.disconnected', verdict: 'ok' })
    const [named] = judgeDisplays([{ connector: 'card0-HDMI-A-1' }], facts([gone(), lit({ card: 'card1' })]))
    expect(named).toMatchObject({ verdict: 'failing' })
  })
})
